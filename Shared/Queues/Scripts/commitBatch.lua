#!lua flags=allow-oom
-- Commits one batch of a partition's engine: all of it or nothing.
--
-- KEYS[1] state   KEYS[2] inbox   KEYS[3] steps   further keys as the operations need them
-- ARGV[1] fence   ARGV[2] number of the commit before this one   ARGV[3] elements to trim from the inbox's head
-- ARGV[4] time of the batch (ms)   ARGV[5] number of the last step event
-- ARGV[6] for each key the first letter of its type (h, l, z, or s for string), or - for a key that is only deleted;
--   a key that is not there is right
-- ARGV[7] bytes of the step events pushed   ARGV[8] bytes that steps may hold (0: any): past it the oldest are dropped
-- ARGV[9] how the last element to trim begins (empty: any)
-- ARGV[10] number of audiences' writes that memberships were computed by (empty: there are none)
-- ARGV[11] number n of profile expectations; then n times: number of the key, revision (0: no profile)
-- then operations: name, number of the key, number v of values, v values; v is at most 7,000. Names:
--   DEL     deletes the key, and those whose numbers are the values
--   PUSH    RPUSH; the first value is the counter in state, the second a channel to wake when the list was empty
--   APPEND  stimuli for the inbox, without their first bracket; the first value is the wake channel
--   MEMBER  the key is an audience's set of members; values: wake channel, key of the person, 1 member or 0 none, the
--           stimulus that tells of a change, without its first bracket (empty: nobody is told)
--   KEEP    the key is a person's kept events; values: the event without its first bracket, events and bytes that the
--           list may hold, the time at or before which an event is too old, the time at which the list is (ms)
--   any of the table below: that command of Redis with the key and the values
-- Returns 0 committed   1 done: that number is passed   2 stale: another fence   3 changed: a profile's revision,
--   or newer audiences are known here
--   4 behind: the commit before, or what is to be trimmed, is not here (Redis lost its tail)
-- Fails with WRONGTYPE before the first write where a key is of another type.
-- Complexity: O(operations + elements trimmed); drops at most 1,000 elements of steps. Repeated: 1, nothing changes.
-- Keeps: one writer; each stimulus once; what is checked is checked before the first write.
--#include readClock
--#include appendStimuli
--#include knowAudiences
--#include setMembership
--#include keepEvent
local commands = {
    HSET = true, HDEL = true, SET = true, ZADD = true, ZREM = true, LPUSH = true, LTRIM = true,
    PEXPIREAT = true, PERSIST = true, RPUSH = true, ZREMRANGEBYRANK = true,
}

local had = redis.call('HMGET', KEYS[1], 'fence', 'commit', 'out:inbox', 'stepsBytes')
local previous = tonumber(ARGV[2])
local commit = tonumber(had[2] or 0)
if had[1] ~= ARGV[1] then return 2 end
if commit > previous then return 1 end
if commit < previous then return 4 end

-- A key of another type makes its probe an error, which ends the script here.
local probes, types = {[104] = 'HLEN', [108] = 'LLEN', [115] = 'STRLEN', [122] = 'ZCARD'}, ARGV[6]
for i = 2, #KEYS do
    local probe = probes[string.byte(types, i)]
    if probe then redis.call(probe, KEYS[i]) end
end

local trimmed = tonumber(ARGV[3])
if ARGV[9] ~= '' then
    local last = redis.call('LINDEX', KEYS[2], trimmed - 1)
    if not last or string.sub(last, 1, #ARGV[9]) ~= ARGV[9] then return 4 end
end

local first = 12 + 2 * tonumber(ARGV[11])
for i = 12, first - 1, 2 do
    local tail = redis.call('GETRANGE', KEYS[tonumber(ARGV[i])], -64, -1)
    local revision = string.match(tail, '"revision":(%d+),"updatedAt":%d+}$') or '0'
    if revision ~= ARGV[i + 1] then return 3 end
end
if ARGV[10] ~= '' and not knowAudiences(KEYS[1], tonumber(ARGV[10])) then return 3 end

if trimmed > 0 then redis.call('LTRIM', KEYS[2], trimmed, -1) end
local stepsBytes = tonumber(had[4] or 0) + tonumber(ARGV[7])
local i = first
while i <= #ARGV do
    local name, key, from = ARGV[i], KEYS[tonumber(ARGV[i + 1])], i + 3
    local to = i + 2 + tonumber(ARGV[i + 2])
    if commands[name] then
        redis.call(name, key, unpack(ARGV, from, to))
    elseif name == 'DEL' then
        local keys = {key}
        for j = from, to do keys[#keys + 1] = KEYS[tonumber(ARGV[j])] end
        redis.call('DEL', unpack(keys))
    elseif name == 'PUSH' then
        local count = to - from - 1
        local length = redis.call('RPUSH', key, unpack(ARGV, from + 2, to))
        redis.call('HINCRBY', KEYS[1], ARGV[from], count)
        if length == count then
            redis.call('PUBLISH', ARGV[from + 1], '1')
            -- The list was empty: whatever was counted before is not there.
            if key == KEYS[3] then stepsBytes = tonumber(ARGV[7]) end
        end
    elseif name == 'APPEND' then
        appendStimuli(KEYS[2], KEYS[1], ARGV[from], {unpack(ARGV, from + 1, to)}, tonumber(ARGV[4]))
    elseif name == 'MEMBER' then
        if setMembership(key, ARGV[from + 1], ARGV[from + 2]) and ARGV[from + 3] ~= '' then
            appendStimuli(KEYS[2], KEYS[1], ARGV[from], {ARGV[from + 3]}, tonumber(ARGV[4]))
        end
    elseif name == 'KEEP' then
        keepEvent(
            key, ARGV[from], tonumber(ARGV[from + 1]), tonumber(ARGV[from + 2]), tonumber(ARGV[from + 3]),
            ARGV[from + 4])
    end
    i = to + 1
end

local stepsMax, dropped = tonumber(ARGV[8]), 0
while stepsMax > 0 and stepsBytes > stepsMax and dropped < 1000 do
    local oldest = redis.call('LPOP', KEYS[3])
    if not oldest then break end
    stepsBytes = stepsBytes - #oldest
    dropped = dropped + 1
end
if dropped > 0 then redis.call('HINCRBY', KEYS[1], 'droppedSteps', dropped) end
redis.call(
    'HSET', KEYS[1], 'commit', previous + 1, 'time', ARGV[4], 'step', ARGV[5],
    'out:inbox', tonumber(had[3] or 0) + trimmed, 'stepsBytes', math.max(0, stepsBytes))
return 0
