#!lua flags=allow-oom
-- Claims requests for one worker: first those of `retry` whose turn has come, then from the head of the list.
--
-- KEYS[1] list   KEYS[2] claimed   KEYS[3] retry   KEYS[4] dead   KEYS[5] inbox   KEYS[6] state
-- KEYS[7] cancelled: ids of requests that were given up; they are dropped here, counted in state
-- ARGV[1] requests at most (1 to 1,000)   ARGV[2] length of the lease (ms)
-- ARGV[3] worker: the token of these claims
-- ARGV[4] deliveries after which a request is a dead letter   ARGV[5] 1: the claim counts as an attempt, else 0
-- ARGV[6] wake channel of the inbox   ARGV[7] dead letters kept   ARGV[8] counter in state
-- Returns {now (ms), earliest time in retry (ms) or -1, requests left in the list, dead letters made, claim, …}
-- Complexity: O(requests · log(retry)). Repeated: claims others; claims that no worker knows of come back by the sweep.
-- Keeps: each request is in one place: list, retry, claimed or dead. A dead letter's outcome is in the inbox.
--#include readClock
--#include appendStimuli
--#include splitRequest
--#include joinRequest
--#include failedOutcome
--#include buryRequests
local now, most = readClock(), tonumber(ARGV[1])
local waiting = redis.call('LLEN', KEYS[1])
local due = redis.call('ZRANGE', KEYS[3], '-inf', now, 'BYSCORE', 'LIMIT', 0, most)
local cancelled, dropped = 0, 0
if #due + waiting > 0 then
    redis.call('HLEN', KEYS[2])
    redis.call('LLEN', KEYS[4])
    redis.call('LLEN', KEYS[5])
    redis.call('HGET', KEYS[6], 'fence')
    cancelled = redis.call('ZCARD', KEYS[7])
    if #due > 0 then redis.call('ZREM', KEYS[3], unpack(due)) end
end
local elements = due
if #due < most and waiting > 0 then
    local popped = redis.call('LPOP', KEYS[1], most - #due)
    waiting = waiting - #popped
    redis.call('HINCRBY', KEYS[6], ARGV[8], #popped)
    for i = 1, #popped do elements[#elements + 1] = popped[i] end
end

local leaseUntil = now + tonumber(ARGV[2])
local lease = leaseHeader(leaseUntil, ARGV[3])
local letters, outcomes, claims = {}, {}, {}
for i = 1, #elements do
    local kind, id, deliveries, attempts, progress, rest = splitRequest(elements[i])
    if not kind then
        letters[#letters + 1] = unreadableLetter(now, elements[i])
    elseif cancelled > 0 and redis.call('ZREM', KEYS[7], id) == 1 then
        dropped = dropped + 1
    elseif deliveries >= tonumber(ARGV[4]) then
        local request = joinRequest(kind, id, deliveries, attempts, progress, '', rest)
        letters[#letters + 1] = deadLetter(now, '"deliveries"', '"its workers did not finish"', request)
        outcomes[#outcomes + 1] = failedOutcome(kind, id, rest)
    else
        local claim = joinRequest(kind, id, deliveries + 1, attempts + tonumber(ARGV[5]), progress, lease, rest)
        if redis.call('HSETNX', KEYS[2], id, claim) == 1 then
            claims[#claims + 1] = claim
        else
            redis.call('ZADD', KEYS[3], leaseUntil, elements[i])
        end
    end
end
if dropped > 0 then redis.call('HINCRBY', KEYS[6], 'cancelled', dropped) end
buryRequests(KEYS[4], KEYS[6], tonumber(ARGV[7]), letters)
appendStimuli(KEYS[5], KEYS[6], ARGV[6], outcomes, now)

local next = redis.call('ZRANGE', KEYS[3], 0, 0, 'WITHSCORES')
return {now, tonumber(next[2] or -1), waiting, #letters, unpack(claims)}
