#!lua flags=allow-oom
-- Notes before a careful commit which one it is, so that a stimulus that kills its process is found out.
--
-- KEYS[1] state
-- ARGV[1] fence   ARGV[2] number of the commit about to be computed
-- Returns the number of owners that tried this commit, this one included   -1 stale: another fence
-- Complexity: O(1). Repeated: answers the same, since each fence counts once.
-- Keeps: `suspect` is `<commit>:<tries>:<fence>`.
local had = redis.call('HMGET', KEYS[1], 'fence', 'suspect')
if had[1] ~= ARGV[1] then return -1 end
local commit, tries, fence = string.match(had[2] or '', '^(%d+):(%d+):(%d+)$')
if commit ~= ARGV[2] then
    tries = 1
elseif fence ~= ARGV[1] then
    tries = tries + 1
end
redis.call('HSET', KEYS[1], 'suspect', string.format('%s:%d:%s', ARGV[2], tries, ARGV[1]))
return tonumber(tries)
