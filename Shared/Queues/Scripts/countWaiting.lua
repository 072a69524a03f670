-- Fragment: counts the bytes of requests in `retry`, by lane: the action's name, or source and group of a look-up.
-- The worker's notes name the lane when it puts a request off; what has no lane is not counted.
-- Complexity: O(lanes).
local function laneOf(progress)
    return string.match(progress, '^"progress":{"claimedAt":%d+,"lane":"([%w_.%-]+)"')
end

-- Takes: keys of the counts and of state, the field of state that holds the sum, bytes more or less by lane.
local function countWaiting(counts, state, field, changes)
    local sum = 0
    for lane, bytes in pairs(changes) do
        if bytes ~= 0 and redis.call('HINCRBY', counts, lane, bytes) <= 0 then redis.call('HDEL', counts, lane) end
        sum = sum + bytes
    end
    if sum ~= 0 then redis.call('HINCRBY', state, field, sum) end
end
