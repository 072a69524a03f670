-- Fragment: puts dead letters at the tail of their list, which keeps the newest; what it drops is counted in state.
-- Takes: keys of the list and of state, elements that the list may hold, the dead letters.
-- Complexity: O(dead letters).
local function buryRequests(dead, state, deadMax, letters)
    for i = 1, #letters do
        local length = redis.call('RPUSH', dead, letters[i])
        if length > deadMax then
            redis.call('LTRIM', dead, length - deadMax, -1)
            redis.call('HINCRBY', state, 'droppedDead', length - deadMax)
        end
    end
end

-- A dead letter: reason and last error are JSON text; the request is JSON text, or anything when it is unreadable.
local function deadLetter(now, reason, lastError, request)
    return string.format('{"kind":"dead","at":%.0f,"reason":', now) .. reason .. ',"lastError":' .. lastError
        .. ',"request":' .. request .. '}'
end

local function unreadableLetter(now, element)
    return string.format('{"kind":"dead","at":%.0f,"reason":"unreadable","raw":', now) .. cjson.encode(element) .. '}'
end
