#!lua flags=allow-oom
-- Claims requests for one worker: those of `retry` whose turn has come and those at the head of the list, half and half
-- where there are enough of both, and one of the suspects.
--
-- KEYS[1] list   KEYS[2] claimed   KEYS[3] retry   KEYS[4] dead   KEYS[5] inbox   KEYS[6] state
-- KEYS[7] cancelled: ids of requests that were given up; they are dropped here, counted in state
-- KEYS[8] waiting: bytes in retry by lane   KEYS[9] suspects: requests that two workers died with, each taken alone
-- ARGV[1] requests at most (1 to 1,000)   ARGV[2] length of the lease (ms)
-- ARGV[3] worker: the token of these claims
-- ARGV[4] deliveries after which a request is a dead letter   ARGV[5] 1: the claim counts as an attempt, else 0
-- ARGV[6] wake channel of the inbox   ARGV[7] dead letters kept   ARGV[8] counter in state
-- ARGV[9] field of state with the sum of waiting   ARGV[10] 1: the worker has no suspect in hand, and takes one
-- Returns {now (ms), earliest time in retry (ms) or -1, requests left in the list, dead letters made, suspects left,
--   claim, …}
-- Complexity: O(requests · log(retry)). Repeated: claims others; claims that no worker knows of come back by the sweep.
-- Keeps: each request is in one place: list, retry, suspects, claimed or dead. A dead letter's outcome is in the
--   inbox.
--#include readClock
--#include appendStimuli
--#include splitRequest
--#include joinRequest
--#include failedOutcome
--#include buryRequests
--#include countWaiting
local now, most = readClock(), tonumber(ARGV[1])
local waiting = redis.call('LLEN', KEYS[1])
-- Neither those put off nor new ones wait for the end of the others; where one is taken, they take turns.
local turns = most
if waiting > 0 then turns = math.max(math.floor((most + now % 2) / 2), most - waiting) end
local due = redis.call('ZRANGE', KEYS[3], '-inf', now, 'BYSCORE', 'LIMIT', 0, turns)
local suspects = redis.call('LLEN', KEYS[9])
local isAlone = ARGV[10] == '1' and suspects > 0
local cancelled, dropped = 0, 0
if #due + waiting > 0 or isAlone then
    redis.call('HLEN', KEYS[2])
    redis.call('LLEN', KEYS[4])
    redis.call('LLEN', KEYS[5])
    redis.call('HGET', KEYS[6], 'fence')
    cancelled = redis.call('ZCARD', KEYS[7])
    if #due > 0 then
        redis.call('HLEN', KEYS[8])
        redis.call('ZREM', KEYS[3], unpack(due))
    end
end
local elements = due
local dueCount = #due
if dueCount < most and waiting > 0 then
    local popped = redis.call('LPOP', KEYS[1], most - dueCount)
    waiting = waiting - #popped
    redis.call('HINCRBY', KEYS[6], ARGV[8], #popped)
    for i = 1, #popped do elements[#elements + 1] = popped[i] end
end
local others = #elements
if isAlone then
    elements[others + 1] = redis.call('LPOP', KEYS[9])
    suspects = suspects - 1
end

local leaseUntil = now + tonumber(ARGV[2])
local lease = leaseHeader(leaseUntil, ARGV[3])
local letters, outcomes, claims, counted = {}, {}, {}, {}
for i = 1, #elements do
    local kind, id, deliveries, attempts, progress, rest, _, _, deaths = splitRequest(elements[i])
    if i <= dueCount and kind then
        local lane = laneOf(progress)
        if lane then counted[lane] = (counted[lane] or 0) - #elements[i] end
    end
    if not kind then
        letters[#letters + 1] = unreadableLetter(now, elements[i])
    elseif cancelled > 0 and redis.call('ZREM', KEYS[7], id) == 1 then
        dropped = dropped + 1
    elseif deliveries >= tonumber(ARGV[4]) then
        local request = joinRequest(kind, id, deliveries, attempts, progress, '', rest, deaths)
        letters[#letters + 1] = deadLetter(now, '"deliveries"', '"its workers did not finish"', request)
        outcomes[#outcomes + 1] = failedOutcome(kind, id, rest)
    elseif i <= others and isTakenAlone(deaths) then
        suspects = redis.call('RPUSH', KEYS[9], elements[i])
    else
        local claim = joinRequest(
            kind, id, deliveries + 1, attempts + tonumber(ARGV[5]), progress, lease, rest, deaths)
        if redis.call('HSETNX', KEYS[2], id, claim) == 1 then
            claims[#claims + 1] = claim
        else
            local lane = laneOf(progress)
            if lane then counted[lane] = (counted[lane] or 0) + #elements[i] end
            redis.call('ZADD', KEYS[3], leaseUntil, elements[i])
        end
    end
end
if dropped > 0 then redis.call('HINCRBY', KEYS[6], 'cancelled', dropped) end
buryRequests(KEYS[4], KEYS[6], tonumber(ARGV[7]), letters)
appendStimuli(KEYS[5], KEYS[6], ARGV[6], outcomes, now)

local next = redis.call('ZRANGE', KEYS[3], 0, 0, 'WITHSCORES')
if dueCount > 0 and not next[1] then
    -- Nothing waits: whatever was counted before is not there.
    redis.call('DEL', KEYS[8])
    redis.call('HSET', KEYS[6], ARGV[9], 0)
else
    countWaiting(KEYS[8], KEYS[6], ARGV[9], counted)
end
return {now, tonumber(next[2] or -1), waiting, #letters, suspects, unpack(claims)}
