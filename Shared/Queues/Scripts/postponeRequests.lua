#!lua flags=allow-oom
-- Puts claims off: they wait in `retry` until their turn comes, as long as their lane has room there.
--
-- KEYS[1] claimed   KEYS[2] retry   KEYS[3] waiting: bytes in retry by lane   KEYS[4] state
-- ARGV[1] wake channel of the list, used when a turn comes at once   ARGV[2] field of state with the sum of waiting
-- ARGV[3] bytes that one lane may hold   ARGV[4] bytes of all lanes from which on each may hold an equal share only
-- ARGV[5] how long after its first claim a request may wait (ms)
-- then for each claim: id, worker, delay (ms; 0: it comes back at once, whatever waits), what the delivery came to (0
--   it counts, 1 nothing was done and it is taken back, 2 a call was answered: it is taken back, and no death counts
--   any more), attempts, progress (`"progress":{…},` or empty)
-- Returns for each claim 1 done, 0 late: the claim is another's by now or gone, or 2 it may not wait: its lane is full
--   or it waited for too long, and the claim stays.
-- Complexity: O(claims · log(retry)). Repeated: 0, nothing changes; 2 as long as there is no room.
-- Keeps: each request is in one place; what waits is counted in the script that changes it.
--#include readClock
--#include splitRequest
--#include joinRequest
--#include countWaiting
local now, answers, isDue = readClock(), {}, false
redis.call('ZCARD', KEYS[2])
local lanes = redis.call('HLEN', KEYS[3])
local sum = tonumber(redis.call('HGET', KEYS[4], ARGV[2]) or 0)
local laneMax, sumMax, ageMax = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local held, added = {}, {}

local function know(lane)
    if held[lane] then return end
    local bytes = redis.call('HGET', KEYS[3], lane)
    held[lane] = tonumber(bytes or 0)
    if not bytes then lanes = lanes + 1 end
end

local function hasRoom(lane, bytes)
    return held[lane] + bytes <= (sum >= sumMax and math.min(laneMax, sumMax / lanes) or laneMax)
end

for i = 6, #ARGV, 6 do
    local id, answer = ARGV[i], 0
    local kind, _, deliveries, _, _, rest, _, worker, deaths = splitRequest(redis.call('HGET', KEYS[1], id) or '')
    if kind and worker == ARGV[i + 1] then
        local delay, cameTo, progress = tonumber(ARGV[i + 2]), ARGV[i + 3], ARGV[i + 5]
        if cameTo ~= '0' then deliveries = math.max(0, deliveries - 1) end
        if cameTo == '2' then deaths = 0 end
        local request = joinRequest(kind, id, deliveries, tonumber(ARGV[i + 4]), progress, '', rest, deaths)
        local lane = laneOf(progress)
        if lane then know(lane) end
        local since = lane and tonumber(string.match(progress, '"claimedAt":(%d+)'))
        if delay > 0 and lane and (now - since >= ageMax or not hasRoom(lane, #request)) then
            answer = 2
        else
            if lane then
                held[lane] = held[lane] + #request
                added[lane] = (added[lane] or 0) + #request
                sum = sum + #request
                delay = math.max(0, math.min(delay, since + ageMax - now))
            end
            redis.call('HDEL', KEYS[1], id)
            redis.call('ZADD', KEYS[2], now + delay, request)
            if delay <= 0 then isDue = true end
            answer = 1
        end
    end
    answers[#answers + 1] = answer
end
countWaiting(KEYS[3], KEYS[4], ARGV[2], added)
if isDue then redis.call('PUBLISH', ARGV[1], '1') end
return answers
