#!lua flags=allow-oom
-- Trims step events that are stored from the head of a partition's steps.
--
-- KEYS[1] steps
-- ARGV[1] beginning of the first element that is stored   ARGV[2] elements to trim
-- Returns 1 trimmed   0 the first element is another one
-- Cost: O(elements trimmed). Repeated: 0, nothing changes.
-- Keeps: nothing is trimmed that its reader did not store.
local first = redis.call('LINDEX', KEYS[1], 0)
if not first or string.sub(first, 1, #ARGV[1]) ~= ARGV[1] then return 0 end
redis.call('LTRIM', KEYS[1], ARGV[2], -1)
return 1
