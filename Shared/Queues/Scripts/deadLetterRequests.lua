#!lua flags=allow-oom
-- Makes dead letters of claims and appends their outcomes to the inbox of the same partition.
--
-- KEYS[1] claimed   KEYS[2] dead   KEYS[3] inbox   KEYS[4] state
-- ARGV[1] wake channel of the inbox   ARGV[2] dead letters kept
-- then for each claim: id, worker, reason (JSON string), last error (JSON string), outcome without its first bracket
-- Returns for each claim 1 done, or 0 late: the claim is another's by now or gone.
-- Complexity: O(claims). Repeated: 0, nothing changes.
-- Keeps: a dead letter's outcome is in the inbox, so that no instance waits for ever.
--#include readClock
--#include appendStimuli
--#include splitRequest
--#include joinRequest
--#include buryRequests
local now, answers, letters, outcomes = readClock(), {}, {}, {}
redis.call('LLEN', KEYS[2])
redis.call('LLEN', KEYS[3])
redis.call('HGET', KEYS[4], 'fence')
for i = 3, #ARGV, 5 do
    local id, answer = ARGV[i], 0
    local kind, _, deliveries, attempts, progress, rest, _, worker, deaths =
        splitRequest(redis.call('HGET', KEYS[1], id) or '')
    if kind and worker == ARGV[i + 1] then
        local request = joinRequest(kind, id, deliveries, attempts, progress, '', rest, deaths)
        redis.call('HDEL', KEYS[1], id)
        letters[#letters + 1] = deadLetter(now, ARGV[i + 2], ARGV[i + 3], request)
        outcomes[#outcomes + 1] = ARGV[i + 4]
        answer = 1
    end
    answers[#answers + 1] = answer
end
buryRequests(KEYS[2], KEYS[4], tonumber(ARGV[2]), letters)
appendStimuli(KEYS[3], KEYS[4], ARGV[1], outcomes, now)
return answers
