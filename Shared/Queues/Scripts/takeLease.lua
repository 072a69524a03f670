#!lua flags=allow-oom
-- Takes the lease of a partition, if it is free or its holder is known to be gone, with the next fence. For an owner
-- that has it already it is renewed, with the same fence, unless a higher one is asked for.
--
-- KEYS[1] lease   KEYS[2] state
-- ARGV[1] owner (unique to the start of a process)   ARGV[2] length of the lease (ms)
-- ARGV[3] fence that the new one must be above (0: none)   ARGV[4] a holder whose process is gone (empty: none)
-- Returns {0, holder} held by another, or {1, fields and values of state}; `careful` in them is 1 where the owner
--   before did not give the lease back.
-- Complexity: O(fields of state). Repeated: answers the same.
-- Keeps: the fence only grows, by one at each change of owner.
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] and holder ~= ARGV[4] then return {0, holder} end
local had = redis.call('HMGET', KEYS[2], 'fence', 'owner', 'returned')
local fence, above = tonumber(had[1] or 0), tonumber(ARGV[3])
local mine = had[2] == ARGV[1]
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
if not mine or fence <= above then
    local careful = fence > 0 and not mine and had[3] ~= '1'
    redis.call('HSET', KEYS[2], 'fence', math.max(fence, above) + 1, 'owner', ARGV[1], 'careful', careful and 1 or 0)
end
redis.call('HSET', KEYS[2], 'returned', 0)
return {1, redis.call('HGETALL', KEYS[2])}
