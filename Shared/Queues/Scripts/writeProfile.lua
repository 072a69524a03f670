#!lua
-- Writes a person's profile with the memberships that follow from it, if it is still at the revision that the new one
-- was made from. Without allow-oom on purpose: what comes from outside is refused when memory is at its limit.
--
-- KEYS[1] profile   KEYS[2] state   KEYS[3] inbox   KEYS[4] people   then the set of members of each audience
-- ARGV[1] revision expected (0: no profile)   ARGV[2] the new document, which ends in `"revision":n,"updatedAt":ms}`
-- ARGV[3] key of the person   ARGV[4] number of audiences' writes that the memberships were computed by
-- ARGV[5] wake channel of the inbox   then for each set: 1 member or 0 none, the stimulus that tells of a change,
--   without its first bracket (empty: nobody is told)
-- Returns 1 written   0 changed meanwhile: read again   2 the stored document is the new one already
--   3 newer audiences are known here: read the rules again
-- Complexity: O(size of the documents + audiences). Repeated: 2.
-- Keeps: no write is lost between two writers; a change of membership is told once; whoever has a profile is among
--   the people.
--#include readClock
--#include appendStimuli
--#include knowAudiences
--#include setMembership
local stored = redis.call('GET', KEYS[1]) or ''
if stored == ARGV[2] then return 2 end
local revision = string.match(string.sub(stored, -64), '"revision":(%d+),"updatedAt":%d+}$') or '0'
if revision ~= ARGV[1] then return 0 end
if not knowAudiences(KEYS[2], tonumber(ARGV[4])) then return 3 end
redis.call('ZADD', KEYS[4], 0, ARGV[3])
redis.call('SET', KEYS[1], ARGV[2])
local told = {}
for i = 5, #KEYS do
    local place = 2 * i - 4
    if setMembership(KEYS[i], ARGV[3], ARGV[place]) and ARGV[place + 1] ~= '' then
        told[#told + 1] = ARGV[place + 1]
    end
end
if #told > 0 then appendStimuli(KEYS[3], KEYS[2], ARGV[5], told, readClock()) end
return 1
