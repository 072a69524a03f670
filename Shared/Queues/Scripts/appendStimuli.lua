-- Fragment: appends stimuli at the tail of an inbox, with the time of acceptance put in front of each, and wakes the
-- engine when the inbox was empty.
-- Takes: keys of inbox and state, wake channel, elements without their first bracket, the time now (ms); `had`, what
--   the state holds of `appended`, `time` and `in:inbox` where the caller has read it.
-- Returns: the time of acceptance (ms).
-- Complexity: O(elements).
-- Keeps: `at` never less than that of the element before, nor than the time of the last commit.
local function appendStimuli(inbox, state, channel, elements, now, had)
    local count = #elements
    if count == 0 then return now end
    had = had or redis.call('HMGET', state, 'appended', 'time', 'in:inbox')
    local at = math.max(now, tonumber(had[1] or 0), tonumber(had[2] or 0))
    local head = string.format('{"at":%.0f,', at)
    for i = 1, count do elements[i] = head .. elements[i] end
    local length = 0
    for from = 1, count, 4000 do
        length = redis.call('RPUSH', inbox, unpack(elements, from, math.min(from + 3999, count)))
    end
    redis.call('HSET', state, 'appended', at, 'in:inbox', tonumber(had[3] or 0) + count)
    if length == count then redis.call('PUBLISH', channel, '1') end
    return at
end
