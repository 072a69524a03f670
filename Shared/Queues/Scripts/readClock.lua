-- Fragment: the time of the Redis server, in whole milliseconds since 1970. Times of claims and acceptance come from
-- here and not from an argument, as the clocks of the services may be an hour apart.
-- Complexity: O(1).
local function readClock()
    local time = redis.call('TIME')
    return time[1] * 1000 + math.floor(time[2] / 1000)
end
