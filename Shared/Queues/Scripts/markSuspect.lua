#!lua flags=allow-oom
-- Notes before a careful commit which one it is, so that a stimulus that kills its process is found out.
--
-- KEYS[1] state
-- ARGV[1] fence   ARGV[2] number of the commit before the one about to be computed
-- ARGV[3] number of things, from that commit on, one of which may be deadly
-- ARGV[4] 1 it takes one thing alone, 0 several together
-- Returns the number of owners that tried this commit with one thing alone, this one included, 8 at most; 0 where it
--   takes several   -1 stale: another fence
-- Complexity: O(1). Repeated: answers the same, since each owner counts once: one that has a higher fence by now lived.
-- Keeps: `suspect` is `<commit>:<tries>:<things>:,<owner>,<owner>,`; owners are those that tried it alone.
local had = redis.call('HMGET', KEYS[1], 'fence', 'suspect', 'owner')
if had[1] ~= ARGV[1] then return -1 end
local owner = had[3] or ''
local commit, tries, owners = string.match(had[2] or '', '^(%d+):(%d+):%d+:(,.*)$')
if commit ~= ARGV[2] or ARGV[4] == '0' then tries, owners = 0, ',' end
tries = tonumber(tries)
if ARGV[4] == '1' and tries < 8 and not string.find(owners, ',' .. owner .. ',', 1, true) then
    tries, owners = tries + 1, owners .. owner .. ','
end
redis.call('HSET', KEYS[1], 'suspect', string.format('%s:%d:%s:%s', ARGV[2], tries, ARGV[3], owners))
return tries
