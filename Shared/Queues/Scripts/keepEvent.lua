-- Fragment: puts an event before a person's kept ones, and takes away at the end what goes beyond their bounds.
-- Takes: key of the list, the event without its first bracket, events that it may hold, bytes that it may hold,
--   the time at or before which an event is too old (ms), the time at which the whole list is (ms).
-- Returns: nothing.
-- Complexity: O(1) and the events taken away, at most one more than the list may hold.
-- Keeps: newest first; the newest stays whatever its size. `sum` in front of each is the bytes ever kept, so that the
--   list's size shows in its two ends.
local function keepEvent(list, event, countMax, bytesMax, oldestMax, expiry)
    local newest = redis.call('LINDEX', list, 0) or ''
    local sum = tonumber(string.match(newest, '^{"sum":(%d+),') or 0) + #event
    local count = redis.call('LPUSH', list, string.format('{"sum":%.0f,', sum) .. event)
    for _ = 1, countMax do
        if count <= 1 then break end
        local last = redis.call('LINDEX', list, -1)
        local at = tonumber(string.match(last, '"at":(%d+),') or 0)
        local size = sum - tonumber(string.match(last, '^{"sum":(%d+),') or 0) + #last
        if count <= countMax and at > oldestMax and size <= bytesMax then break end
        redis.call('RPOP', list)
        count = count - 1
    end
    redis.call('PEXPIREAT', list, expiry)
end
