-- Fragment: writes a request with a new header; the counterpart of splitRequest.
-- Takes: kind, id, deliveries, attempts, progress (with its comma, or empty), lease (with its comma, or empty), rest.
-- Complexity: O(size of the element).
local function joinRequest(kind, id, deliveries, attempts, progress, lease, rest)
    return string.format('{"kind":"%s","id":"%s","deliveries":%d,"attempts":%d,', kind, id, deliveries, attempts)
        .. progress .. lease .. rest
end

local function leaseHeader(leaseUntil, worker)
    return string.format('"leaseUntil":%.0f,"worker":"%s",', leaseUntil, worker)
end
