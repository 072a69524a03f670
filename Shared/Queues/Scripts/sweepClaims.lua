#!lua flags=allow-oom
-- Walks a piece of the claims and returns those whose lease has run out to the head of their list.
--
-- KEYS[1] claimed   KEYS[2] list   KEYS[3] dead   KEYS[4] state
-- ARGV[1] cursor (0 at first)   ARGV[2] claims looked at, about   ARGV[3] wake channel of the list
-- ARGV[4] dead letters kept
-- Returns {next cursor (0: walked through), claims returned, claims that could not be read and are dead letters now}
-- Complexity: O(claims looked at). Repeated: nothing left to return.
-- Keeps: each request is in one place; deliveries are kept, so that one that kills its workers ends as a dead letter.
--#include readClock
--#include splitRequest
--#include joinRequest
--#include buryRequests
redis.call('LLEN', KEYS[2])
redis.call('LLEN', KEYS[3])
redis.call('HGET', KEYS[4], 'fence')
local now = readClock()
local page = redis.call('HSCAN', KEYS[1], ARGV[1], 'COUNT', ARGV[2])
local returned, letters = 0, {}
for i = 1, #page[2], 2 do
    local field, element = page[2][i], page[2][i + 1]
    local kind, id, deliveries, attempts, progress, rest, leaseUntil = splitRequest(element)
    if not leaseUntil then
        redis.call('HDEL', KEYS[1], field)
        letters[#letters + 1] = unreadableLetter(now, element)
    elseif leaseUntil <= now then
        redis.call('HDEL', KEYS[1], field)
        redis.call('LPUSH', KEYS[2], joinRequest(kind, id, deliveries, attempts, progress, '', rest))
        returned = returned + 1
    end
end
buryRequests(KEYS[3], KEYS[4], tonumber(ARGV[4]), letters)
if returned > 0 then redis.call('PUBLISH', ARGV[3], '1') end
return {tonumber(page[1]), returned, #letters}
