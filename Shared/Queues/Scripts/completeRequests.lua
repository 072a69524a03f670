#!lua flags=allow-oom
-- Completes claims: removes each and appends its outcome to the inbox of the same partition.
--
-- KEYS[1] claimed   KEYS[2] inbox   KEYS[3] state
-- ARGV[1] wake channel of the inbox, then for each claim: id, worker, outcome without its first bracket
-- Returns for each claim 1 done, or 0 late: the claim is another's by now or gone.
-- Complexity: O(claims + size of the requests). Repeated: 0, nothing changes.
-- Keeps: one outcome for each request.
--#include readClock
--#include appendStimuli
--#include splitRequest
redis.call('LLEN', KEYS[2])
redis.call('HGET', KEYS[3], 'fence')
local answers, outcomes = {}, {}
for i = 2, #ARGV, 3 do
    local kind, _, _, _, _, _, _, worker = splitRequest(redis.call('HGET', KEYS[1], ARGV[i]) or '')
    local isMine = kind and worker == ARGV[i + 1]
    if isMine then
        redis.call('HDEL', KEYS[1], ARGV[i])
        outcomes[#outcomes + 1] = ARGV[i + 2]
    end
    answers[#answers + 1] = isMine and 1 or 0
end
appendStimuli(KEYS[2], KEYS[3], ARGV[1], outcomes, readClock())
return answers
