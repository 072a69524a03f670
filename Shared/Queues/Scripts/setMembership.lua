-- Fragment: makes a person a member of an audience, or none.
-- Takes: key of the set of members, key of the person, '1' member or '0' none.
-- Returns: whether that changed the set: who changes it tells, and so once.
-- Complexity: O(log(members)).
local function setMembership(set, person, isMember)
    if isMember == '1' then return redis.call('ZADD', set, 0, person) == 1 end
    return redis.call('ZREM', set, person) == 1
end
