#!lua flags=allow-oom
-- Appends stimuli of Sojourn's own (configuration, commands) to one inbox, whatever its length.
--
-- KEYS[1] inbox   KEYS[2] state
-- ARGV[1] wake channel   then the elements without their first bracket
-- Returns the time of acceptance (ms).
-- Complexity: O(elements). Repeated: appends again; the engine takes such stimuli twice without harm.
-- Keeps: accepted work always finds its way; times never run back.
--#include readClock
--#include appendStimuli
local elements = {}
for i = 2, #ARGV do elements[i - 1] = ARGV[i] end
return appendStimuli(KEYS[1], KEYS[2], ARGV[1], elements, readClock())
