#!lua flags=allow-oom
-- Gives the lease of a partition back in good order: its next owner need not be careful.
--
-- KEYS[1] lease   KEYS[2] state
-- ARGV[1] owner   ARGV[2] fence
-- Returns 1 given back   0 it was another's already
-- Complexity: O(1). Repeated: answers the same.
-- Keeps: nobody's lease but the caller's is touched.
local had = redis.call('HMGET', KEYS[2], 'fence', 'owner')
if had[1] ~= ARGV[2] or had[2] ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[2], 'returned', 1)
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1
