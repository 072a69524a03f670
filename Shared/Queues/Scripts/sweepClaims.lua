#!lua flags=allow-oom
-- Walks a piece of the claims and returns those that nobody performs: whose lease has run out, whose worker is gone, or
-- whose worker never heard of them.
--
-- KEYS[1] claimed   KEYS[2] list   KEYS[3] dead   KEYS[4] state   KEYS[5] suspects
-- ARGV[1] cursor (0 at first)   ARGV[2] claims looked at, about   ARGV[3] wake channel of the list
-- ARGV[4] dead letters kept   ARGV[5] 1: a claim counts as an attempt, else 0
-- ARGV[6] number n of workers that are gone, then n workers; the others: tokens of claims whose answer was lost
-- Returns {next cursor (0: walked through), claims returned, claims that could not be read and are dead letters now,
--   worker, …}: the workers of the claims that stay, 100 at most
-- Complexity: O(claims looked at). Repeated: nothing left to return.
-- Keeps: each request is in one place. A death counts as a delivery of the request that was in hand alone, so that one
--   that kills its workers ends as a dead letter; of those in hand together each is noted to have been there.
--#include readClock
--#include splitRequest
--#include joinRequest
--#include buryRequests
redis.call('LLEN', KEYS[2])
redis.call('LLEN', KEYS[3])
redis.call('LLEN', KEYS[5])
redis.call('HGET', KEYS[4], 'fence')
local now = readClock()
local gone, unheard = {}, {}
for i = 7, #ARGV do
    if i <= 6 + tonumber(ARGV[6]) then gone[ARGV[i]] = true else unheard[ARGV[i]] = true end
end
local page = redis.call('HSCAN', KEYS[1], ARGV[1], 'COUNT', ARGV[2])
local returned, letters, workers, isKnown = 0, {}, {}, {}
for i = 1, #page[2], 2 do
    local field, element = page[2][i], page[2][i + 1]
    local kind, id, deliveries, attempts, progress, at, leaseUntil, token, deaths = readHeader(element)
    local worker = token and (string.match(token, '^(.*)%.%d+$') or token)
    if not leaseUntil then
        redis.call('HDEL', KEYS[1], field)
        letters[#letters + 1] = unreadableLetter(now, element)
    elseif unheard[token] or gone[worker] or tonumber(leaseUntil) <= now then
        deaths = tonumber(deaths)
        local wasAlone = isTakenAlone(deaths)
        if unheard[token] then
            attempts = attempts - ARGV[5]
        else
            deaths = deaths + 1
        end
        if unheard[token] or not wasAlone then deliveries = math.max(0, deliveries - 1) end
        redis.call('HDEL', KEYS[1], field)
        local request = joinRequest(
            kind, id, deliveries, attempts, progress, '', string.sub(element, at), deaths)
        -- A suspect goes behind the others, so that no death is laid to one of them again and again.
        if isTakenAlone(deaths) then
            redis.call('RPUSH', KEYS[5], request)
        else
            redis.call('LPUSH', KEYS[2], request)
        end
        returned = returned + 1
    elseif not isKnown[worker] and #workers < 100 then
        isKnown[worker] = true
        workers[#workers + 1] = worker
    end
end
buryRequests(KEYS[3], KEYS[4], tonumber(ARGV[4]), letters)
if returned > 0 then redis.call('PUBLISH', ARGV[3], '1') end
return {tonumber(page[1]), returned, #letters, unpack(workers)}
