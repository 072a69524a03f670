#!lua flags=allow-oom
-- Takes a place among the first so many, for one instance: exact, whoever asks at the same time.
--
-- KEYS[1] set of the instances that have a place   KEYS[2] set of the names under which places were taken
-- ARGV[1] instance   ARGV[2] how many places there are   ARGV[3] the name of KEYS[1]
-- Returns 1 it has a place, now or from before   0 none is left
-- Complexity: O(1). Repeated: the same answer.
-- Keeps: never more places than there are; a place once taken stays taken; what is taken is known by its name.
if redis.call('SISMEMBER', KEYS[1], ARGV[1]) == 1 then return 1 end
local taken = redis.call('SCARD', KEYS[1])
if taken >= tonumber(ARGV[2]) then return 0 end
if taken == 0 then redis.call('SADD', KEYS[2], ARGV[3]) end
redis.call('SADD', KEYS[1], ARGV[1])
return 1
