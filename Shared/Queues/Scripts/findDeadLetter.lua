-- Fragment: finds the newest dead letter of a request.
-- Takes: key of the dead letters, the request's id, letters looked at (at most).
-- Returns: the letter and its request, or nil.
-- Complexity: O(letters looked at), in pages of 100 from the newest on.
local function findDeadLetter(dead, id, most)
    for last = -1, -most, -100 do
        local letters = redis.call('LRANGE', dead, last - 99, last)
        for i = #letters, 1, -1 do
            local _, at = string.find(letters[i], ',"request":', 1, true)
            local request = at and string.sub(letters[i], at + 1, -2)
            local kind, found = splitRequest(request or '')
            if kind and found == id then return letters[i], request end
        end
        if #letters < 100 then return nil end
    end
    return nil
end
