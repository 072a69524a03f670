#!lua flags=allow-oom
-- Notes that a replica of a service is alive, forgets those that were silent for too long, and tells who there is.
--
-- KEYS[1] replicas
-- ARGV[1] the replica   ARGV[2] silence after which a replica counts as gone (ms)
-- Returns the replicas in the order of their names.
-- Complexity: O(replicas). Repeated: answers the same.
-- Keeps: the clock is Redis' own, so that replicas need not agree on the time.
--#include readClock
local now = readClock()
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - tonumber(ARGV[2]))
local replicas = redis.call('ZRANGE', KEYS[1], 0, -1)
table.sort(replicas)
return replicas
