#!lua flags=allow-oom
-- Puts claims off: they wait in `retry` until their turn comes.
--
-- KEYS[1] claimed   KEYS[2] retry
-- ARGV[1] wake channel of the list, used when a turn comes at once
-- then for each claim: id, worker, delay (ms), 1 unharmed (the delivery is taken back) or 0, attempts,
--   progress (`"progress":{…},` or empty)
-- Returns for each claim 1 done, or 0 late: the claim is another's by now or gone.
-- Complexity: O(claims · log(retry)). Repeated: 0, nothing changes.
-- Keeps: each request is in one place.
--#include readClock
--#include splitRequest
--#include joinRequest
local now, answers, isDue = readClock(), {}, false
redis.call('ZCARD', KEYS[2])
for i = 2, #ARGV, 6 do
    local id, answer = ARGV[i], 0
    local kind, _, deliveries, _, _, rest, _, worker = splitRequest(redis.call('HGET', KEYS[1], id) or '')
    if kind and worker == ARGV[i + 1] then
        local delay = tonumber(ARGV[i + 2])
        deliveries = math.max(0, deliveries - tonumber(ARGV[i + 3]))
        local request = joinRequest(kind, id, deliveries, tonumber(ARGV[i + 4]), ARGV[i + 5], '', rest)
        redis.call('HDEL', KEYS[1], id)
        redis.call('ZADD', KEYS[2], now + delay, request)
        if delay <= 0 then isDue = true end
        answer = 1
    end
    answers[#answers + 1] = answer
end
if isDue then redis.call('PUBLISH', ARGV[1], '1') end
return answers
