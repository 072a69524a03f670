-- Fragment: the outcome `internalError` of a request that nobody could perform, as an inbox element without its first
-- bracket; nil where the request does not say whose it is.
-- Takes: kind, id, rest as splitRequest gives them. Person and instance are copied as the JSON text that they are.
-- Complexity: O(length of the ids).
local function closingQuote(text, from)
    while true do
        local at = string.find(text, '["\\]', from)
        if not at or string.byte(text, at) == 34 then return at end
        from = at + 2
    end
end

-- The place after the string member `name` that begins at `at`, and where its content begins.
local function passString(text, at, name)
    local from = at + #name + 4
    if string.sub(text, at, from - 1) ~= '"' .. name .. '":"' then return nil end
    local close = closingQuote(text, from)
    return close and close + 2, from
end

local function failedOutcome(kind, id, rest)
    local atPerson = passString(rest, 1, 'namespace')
    local atJourney = atPerson and passString(rest, atPerson, 'person')
    local atVersion = atJourney and passString(rest, atJourney, 'journey')
    local instance = atVersion and string.match(rest, '^"version":%d+,"instance":"([%w:_.%-]+)"', atVersion)
    if not instance then return nil end
    -- What belongs to a test or a dry run carries its mark; a message's outcome is an action's.
    local run = string.match(rest, '^"version":%d+,"instance":"[%w:_.%-]+","node":"[%w_.%-]+","visit":%d+,'
        .. '("run":"[^"\\]+","runKind":"%a+",)', atVersion) or ''
    local of = kind == 'fetch' and 'fetch' or 'action'
    local answer = of == 'action' and '"succeeded":false,"status":"internalError","calls":[]}' or '"results":{}}'
    return '"kind":"outcome","of":"' .. of .. '","id":"' .. id .. '",' .. string.sub(rest, 1, atJourney - 1)
        .. '"instance":"' .. instance .. '","durationMs":0,' .. run .. answer
end
