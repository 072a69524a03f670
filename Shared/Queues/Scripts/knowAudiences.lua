-- Fragment: sees that memberships of a partition are written by the newest rules of audiences that it ever met.
-- Takes: key of state, the number of audiences' writes that the caller's rules were read at.
-- Returns: whether the caller may go on; the number is noted then.
-- Complexity: O(1).
-- Keeps: nobody with older rules writes after somebody with newer ones.
local function knowAudiences(state, number)
    local newest = tonumber(redis.call('HGET', state, 'audiences') or 0)
    if number < newest then return false end
    if number > newest then redis.call('HSET', state, 'audiences', string.format('%.0f', number)) end
    return true
end
