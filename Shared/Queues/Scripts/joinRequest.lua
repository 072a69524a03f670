-- Fragment: writes a request with a new header; the counterpart of splitRequest.
-- Takes: kind, id, deliveries, attempts, progress (with its comma, or empty), lease (with its comma, or empty), rest,
--   deaths.
-- Complexity: O(size of the element).
local function joinRequest(kind, id, deliveries, attempts, progress, lease, rest, deaths)
    return string.format('{"kind":"%s","id":"%s","deliveries":%d,"attempts":%d,', kind, id, deliveries, attempts)
        .. progress .. lease .. (deaths > 0 and string.format('"deaths":%d,', deaths) or '') .. rest
end

local function leaseHeader(leaseUntil, worker)
    return string.format('"leaseUntil":%.0f,"worker":"%s",', leaseUntil, worker)
end

-- A request that two workers died with is taken alone by the next: one of those that both had in hand ends them.
local function isTakenAlone(deaths) return deaths >= 2 end
