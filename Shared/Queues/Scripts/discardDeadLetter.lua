#!lua flags=allow-oom
-- Throws a dead letter away, by hand.
--
-- KEYS[1] dead
-- ARGV[1] id of the request   ARGV[2] dead letters looked at (at most)
-- Returns 1 thrown away   0 there is no such dead letter
-- Complexity: O(dead letters). Repeated: 0, nothing changes.
-- Keeps: no other letter is touched.
--#include splitRequest
--#include findDeadLetter
local letter = findDeadLetter(KEYS[1], ARGV[1], tonumber(ARGV[2]))
if not letter then return 0 end
redis.call('LREM', KEYS[1], -1, letter)
return 1
