#!lua flags=allow-oom
-- Trims step events that are stored from the head of a partition's steps.
--
-- KEYS[1] steps   KEYS[2] state
-- ARGV[1] beginning of the first element that is stored   ARGV[2] elements to trim   ARGV[3] beginning of the last
-- Returns 1 trimmed   0 the first or the last element is another one
-- Complexity: O(bytes trimmed), which are counted off. Repeated: 0, nothing changes.
-- Keeps: nothing is trimmed that its reader did not store.
local first = redis.call('LINDEX', KEYS[1], 0)
if not first or string.sub(first, 1, #ARGV[1]) ~= ARGV[1] then return 0 end
-- A Redis that lost its tail may have the same first element, and others behind it.
local last = redis.call('LINDEX', KEYS[1], ARGV[2] - 1)
if not last or string.sub(last, 1, #ARGV[3]) ~= ARGV[3] then return 0 end
redis.call('HGET', KEYS[2], 'stepsBytes')
local trimmed, bytes = redis.call('LPOP', KEYS[1], ARGV[2]), 0
for i = 1, #trimmed do bytes = bytes + #trimmed[i] end
redis.call('HINCRBY', KEYS[2], 'stepsBytes', -bytes)
redis.call('HINCRBY', KEYS[2], 'out:steps', #trimmed)
return 1
