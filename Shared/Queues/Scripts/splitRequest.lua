-- Fragment: reads the header of a request without reading the rest.
-- `{"kind":"action","id":"…","deliveries":d,"attempts":a,` then maybe `"progress":{…},` (the worker's own notes),
-- while claimed `"leaseUntil":ms,"worker":"…",`, and maybe `"deaths":n,` (workers that died with it in hand), which a
-- worker of an earlier version takes for a member of the request and hands on.
-- Returns nil for what is no request, else: kind, id, deliveries, attempts, progress (with its comma, or empty),
--   rest (begins at the first member after the header), leaseUntil or nil, worker or nil, deaths.
-- Complexity: O(size of the element), as the rest is copied.
local function readHeader(element)
    local kind, id, deliveries, attempts, at = string.match(
        element, '^{"kind":"(%l+)","id":"([%w:_.%-]+)","deliveries":(%d+),"attempts":(%d+),()')
    if not kind then return nil end
    local progress, afterProgress = string.match(element, '^("progress":%b{},)()', at)
    at = afterProgress or at
    local leaseUntil, worker, afterLease = string.match(element, '^"leaseUntil":(%d+),"worker":"([%w_.%-]+)",()', at)
    at = afterLease or at
    local deaths, afterDeaths = string.match(element, '^"deaths":(%d+),()', at)
    return kind, id, deliveries, attempts, progress or '', afterDeaths or at, leaseUntil, worker, deaths or '0'
end

local function splitRequest(element)
    local kind, id, deliveries, attempts, progress, at, leaseUntil, worker, deaths = readHeader(element)
    if not kind then return nil end
    return kind, id, tonumber(deliveries), tonumber(attempts), progress, string.sub(element, at), tonumber(leaseUntil),
        worker, tonumber(deaths)
end

-- Whose claim it is; nil for what is no claim. O(header), as nothing is copied.
local function workerOf(element)
    local _, _, _, _, _, _, _, worker = readHeader(element)
    return worker
end
