#!lua
-- One piece of the walk that evaluates an audience over everyone in a partition: memberships of some people, and how
-- far the walk is, at once. Without allow-oom on purpose: the walk waits where memory is at its limit.
--
-- KEYS[1] state   KEYS[2] lease of the walks   KEYS[3] inbox   KEYS[4] set of members   then n sets of earlier rules,
--   then the profile of each person
-- ARGV[1] owner (unique to the start of a process)   ARGV[2] length of the lease (ms)
-- ARGV[3] wake channel of the inbox
-- ARGV[4] number of audiences' writes that the rule was read at   ARGV[5] field of state that says how far the walk is
-- ARGV[6] what it holds (empty: nothing)   ARGV[7] what it is to hold (empty: nothing)   ARGV[8] n
-- ARGV[9] 1: the sets of earlier rules are removed
-- then for each person: key, revision of the profile expected (0: none), 1 member or 0 none, the stimulus that tells
--   of the change, without its first bracket (empty: nobody is told)
-- Returns {0} the lease is another's   {1} the walk is elsewhere by now   {2} newer audiences are known here
--   {3, elements in the inbox} done   {4, elements in the inbox, places of people whose profile changed meanwhile…}:
--   done for the others, and the walk stays where it is
-- Complexity: O(people * log(members)). Repeated: 1, or nothing changes.
-- Keeps: one walker; each change told once: whoever was a member by an earlier rule or by this one was one before.
--#include readClock
--#include appendStimuli
--#include knowAudiences
--#include setMembership
local holder = redis.call('GET', KEYS[2])
if holder and holder ~= ARGV[1] then return {0} end
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
if (redis.call('HGET', KEYS[1], ARGV[5]) or '') ~= ARGV[6] then return {1} end
if not knowAudiences(KEYS[1], tonumber(ARGV[4])) then return {2} end

local earlier = tonumber(ARGV[8])
local told, answer = {}, {3, 0}
for place = 0, (#ARGV - 9) / 4 - 1 do
    local at = 10 + place * 4
    local person, isMember = ARGV[at], ARGV[at + 2]
    local tail = redis.call('GETRANGE', KEYS[5 + earlier + place], -64, -1)
    local revision = string.match(tail, '"revision":(%d+),"updatedAt":%d+}$') or '0'
    if revision ~= ARGV[at + 1] then
        answer[#answer + 1] = place
    else
        local was = redis.call('ZSCORE', KEYS[4], person) and '1' or '0'
        for i = 5, 4 + earlier do
            if redis.call('ZREM', KEYS[i], person) == 1 then was = '1' end
        end
        setMembership(KEYS[4], person, isMember)
        if was ~= isMember and ARGV[at + 3] ~= '' then told[#told + 1] = ARGV[at + 3] end
    end
end
if #told > 0 then appendStimuli(KEYS[3], KEYS[1], ARGV[3], told, readClock()) end
if #answer == 2 then
    if ARGV[7] == '' then redis.call('HDEL', KEYS[1], ARGV[5]) else redis.call('HSET', KEYS[1], ARGV[5], ARGV[7]) end
    if ARGV[9] == '1' then
        for i = 5, 4 + earlier do redis.call('UNLINK', KEYS[i]) end
    end
else
    answer[1] = 4
end
answer[2] = redis.call('LLEN', KEYS[3])
return answer
