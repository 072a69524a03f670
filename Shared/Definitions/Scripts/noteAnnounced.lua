#!lua
-- Notes that a revision of the configuration was appended to every inbox.
--
-- KEYS[1] {sj:config}:announced  string: the highest revision that every inbox has
-- ARGV[1] revision
--
-- Returns the highest revision noted by now. Safe to repeat.
-- Complexity: O(1).
-- Invariant: the number only grows.

local noted = tonumber(redis.call('GET', KEYS[1]) or '0')
local revision = tonumber(ARGV[1])
if revision <= noted then return noted end
redis.call('SET', KEYS[1], ARGV[1])
return revision
