#!lua flags=allow-oom
-- Sends a dead letter's request out again, by hand: with its old id, so that third parties recognise it, and with
-- deliveries and attempts counted anew.
--
-- KEYS[1] dead   KEYS[2] list   KEYS[3] cancelled: it is no longer given up
-- ARGV[1] id of the request   ARGV[2] dead letters looked at (at most)   ARGV[3] wake channel of the list
-- Returns 1 sent   0 there is no such dead letter
-- Complexity: O(dead letters). Repeated: 0, nothing changes.
-- Keeps: each request is in one place.
--#include splitRequest
--#include joinRequest
--#include findDeadLetter
redis.call('LLEN', KEYS[2])
redis.call('ZCARD', KEYS[3])
local letter, request = findDeadLetter(KEYS[1], ARGV[1], tonumber(ARGV[2]))
if not letter then return 0 end
local kind, id, _, _, _, rest = splitRequest(request)
redis.call('LREM', KEYS[1], -1, letter)
redis.call('ZREM', KEYS[3], id)
redis.call('RPUSH', KEYS[2], joinRequest(kind, id, 0, 0, '', '', rest, 0))
redis.call('PUBLISH', ARGV[3], '1')
return 1
