#!lua flags=allow-oom
-- Takes a place among the first so many, for one instance: exact, whoever asks at the same time.
--
-- KEYS[1] set of the instances that have a place
-- ARGV[1] instance   ARGV[2] how many places there are
-- Returns 1 it has a place, now or from before   0 none is left
-- Complexity: O(1). Repeated: the same answer.
-- Keeps: never more places than there are; a place once taken stays taken.
if redis.call('SISMEMBER', KEYS[1], ARGV[1]) == 1 then return 1 end
if redis.call('SCARD', KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
redis.call('SADD', KEYS[1], ARGV[1])
return 1
