#!lua flags=allow-oom
-- Renews the leases of claims and notes how far their workers are: attempts begun, and the worker's own notes.
--
-- KEYS[1] claimed
-- ARGV[1] length of the lease (ms)
-- then for each claim: id, worker, attempts, progress (`"progress":{…},`); with attempts empty both stay as they are
-- Returns for each claim the end of its lease (ms), or 0 where the claim is another's by now or gone.
-- Complexity: O(claims). Repeated: answers alike, with later ends.
-- Keeps: only its worker changes a claim.
--#include readClock
--#include splitRequest
--#include joinRequest
local leaseUntil = readClock() + tonumber(ARGV[1])
local answers = {}
for i = 2, #ARGV, 4 do
    local id, answer = ARGV[i], 0
    local kind, _, deliveries, attempts, progress, rest, _, worker, deaths =
        splitRequest(redis.call('HGET', KEYS[1], id) or '')
    if kind and worker == ARGV[i + 1] then
        if ARGV[i + 2] ~= '' then attempts, progress = tonumber(ARGV[i + 2]), ARGV[i + 3] end
        local lease = leaseHeader(leaseUntil, worker)
        local claim = joinRequest(kind, id, deliveries, attempts, progress, lease, rest, deaths)
        redis.call('HSET', KEYS[1], id, claim)
        answer = leaseUntil
    end
    answers[#answers + 1] = answer
end
return answers
