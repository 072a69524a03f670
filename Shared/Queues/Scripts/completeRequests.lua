#!lua flags=allow-oom
-- Completes claims: removes each and appends its outcome to the inbox of the same partition.
--
-- KEYS[1] claimed   KEYS[2] inbox   KEYS[3] state
-- ARGV[1] wake channel of the inbox, then for each claim (1 to 1,000): id, worker, outcome without its
--   first bracket
-- Returns for each claim 1 done, or 0 late: the claim is another's by now or gone.
-- Complexity: O(claims). Repeated: 0, nothing changes.
-- Keeps: one outcome for each request.
--#include readClock
--#include appendStimuli
--#include splitRequest
redis.call('LLEN', KEYS[2])
redis.call('HGET', KEYS[3], 'fence')
local ids = {}
for i = 2, #ARGV, 3 do ids[#ids + 1] = ARGV[i] end
local claims = redis.call('HMGET', KEYS[1], unpack(ids))
local answers, done, outcomes, isDone = {}, {}, {}, {}
for number, id in ipairs(ids) do
    local i = 3 * number - 1
    local isMine = claims[number] and not isDone[id] and workerOf(claims[number]) == ARGV[i + 1]
    if isMine then
        isDone[id] = true
        done[#done + 1] = id
        outcomes[#outcomes + 1] = ARGV[i + 2]
    end
    answers[number] = isMine and 1 or 0
end
if #done > 0 then redis.call('HDEL', KEYS[1], unpack(done)) end
appendStimuli(KEYS[2], KEYS[3], ARGV[1], outcomes, readClock())
return answers
