#!lua
-- Appends stimuli from outside to one inbox: each entry on its own is taken, found to be a duplicate, or refused for
-- a cap. Without allow-oom on purpose: what comes from outside is refused when memory is at its limit.
--
-- KEYS[1] inbox   KEYS[2] state   KEYS[3] fetches   KEYS[4] actions   KEYS[5] steps
-- KEYS[6] seen: the beginning of `<seen>:<generation>:<bucket>`, all in the same slot
-- ARGV[1] elements that the inbox may hold   ARGV[2], [3], [4] marks of fetches, actions and steps (elements)
-- ARGV[5] half of the duplicate window (ms)   ARGV[6] wake channel
-- ARGV[7] bytes that requests put off, of fetches or of actions, may hold
-- then for each entry: element without its first bracket, duplicate hash (signed 64 bits, decimal; empty: none), bucket
-- Returns {at (ms), answer, …} with an answer for each entry:
--   0 taken   1 duplicate   2 inbox full   3 fetches full   4 actions full   5 steps full
-- An event that is a duplicate leaves an element of kind `repeat`, without its payload, where the inbox has room: it
-- moves nobody and is on record. That of a business event names no person.
-- Complexity: O(entries). Repeated: entries with a hash answer 1.
-- Keeps: an id moves nobody twice inside the window; the inbox stays under its cap; times never run back.
--#include readClock
--#include appendStimuli

local had = redis.call(
    'HMGET', KEYS[2], 'appended', 'time', 'in:inbox', 'waiting:fetches', 'waiting:actions')

local function fullQueue()
    for i = 3, 5 do
        if redis.call('LLEN', KEYS[i]) >= tonumber(ARGV[i - 1]) then return i end
    end
    for i = 3, 4 do
        if tonumber(had[i + 1] or 0) >= tonumber(ARGV[7]) then return i end
    end
    return 2
end

local length = redis.call('LLEN', KEYS[1])
local full = fullQueue()
local free = full == 2 and tonumber(ARGV[1]) - length or 0
local now = math.max(readClock(), tonumber(had[1] or 0))
local half = tonumber(ARGV[5])
local generation = math.floor(now / half)

local sets = {}
for back = 0, 2 do sets[back] = string.format('%s:%.0f:', KEYS[6], generation - back) end

local function isKnown(hash, bucket)
    return redis.call('SISMEMBER', sets[0] .. bucket, hash) == 1
        or redis.call('SISMEMBER', sets[1] .. bucket, hash) == 1
        or redis.call('SISMEMBER', sets[2] .. bucket, hash) == 1
end

-- What an event leaves that was taken before; nil of what is no event. Texts in it have their quotes escaped, so that
-- the name of its payload stands before all that the payload holds.
local function repeatOf(element)
    local payload = string.find(element, ',"payload":', 1, true)
    if not payload then return nil end
    if string.sub(element, 1, 15) == '"kind":"event",' then
        return '"kind":"repeat",' .. string.sub(element, 16, payload - 1) .. '}'
    elseif string.sub(element, 1, 18) == '"kind":"business",' then
        return '"kind":"repeat","namespace":"","person":"",' .. string.sub(element, 19, payload - 1) .. '}'
    end
end

local answers, elements, fresh = {now}, {}, {}
for i = 8, #ARGV, 3 do
    local hash, bucket = ARGV[i + 1], ARGV[i + 2]
    local answer = 0
    if hash ~= '' and (fresh[hash] or isKnown(hash, bucket)) then
        answer = 1
        if #elements < free then elements[#elements + 1] = repeatOf(ARGV[i]) end
    elseif #elements >= free then
        answer = full
    else
        elements[#elements + 1] = ARGV[i]
        if hash ~= '' then fresh[hash] = bucket end
    end
    answers[#answers + 1] = answer
end

answers[1] = appendStimuli(KEYS[1], KEYS[2], ARGV[6], elements, now, had)
local expiry = (generation + 3) * half
for hash, bucket in pairs(fresh) do
    local set = sets[0] .. bucket
    redis.call('SADD', set, hash)
    -- Only a new set has no expiry yet, and only there it is written.
    redis.call('PEXPIREAT', set, expiry, 'NX')
end
return answers
