#!lua flags=allow-oom
-- Renews the lease of a partition, also an expired one, while the fence is still the caller's.
--
-- KEYS[1] lease   KEYS[2] state
-- ARGV[1] owner   ARGV[2] fence   ARGV[3] length of the lease (ms)
-- Returns 1 renewed   0 lost to another owner, or given back
-- Complexity: O(1). Repeated: answers the same.
-- Keeps: at most one owner per fence.
local had = redis.call('HMGET', KEYS[2], 'fence', 'owner', 'returned')
if had[1] ~= ARGV[2] or had[2] ~= ARGV[1] or had[3] == '1' then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
return 1
