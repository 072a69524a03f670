import Models

/// What a worker knows of a request that must outlive the worker: it lies in the request's header.
///
/// `"progress":{"claimedAt":ms,"calledAt":ms,"calls":[{"at":ms,"ms":12,"status":"http_503"}]},`
package struct RequestProgress: Sendable, Hashable {
    /// When it was first claimed (ms, Redis' clock).
    package var claimedAt: Int64
    /// When its first call was made (ms); nil before.
    package var calledAt: Int64?
    /// The calls made, as the outcome will tell.
    package var calls: [ActionResult.Attempt]

    package init(claimedAt: Int64, calledAt: Int64? = nil, calls: [ActionResult.Attempt] = []) {
        self.claimedAt = claimedAt
        self.calledAt = calledAt
        self.calls = calls
    }

    init?(_ value: JSONValue) {
        guard let claimedAt = value["claimedAt"]?.integerValue else { return nil }
        self.claimedAt = claimedAt
        calledAt = value["calledAt"]?.integerValue
        calls = (value["calls"]?.arrayValue ?? []).compactMap { call in
            guard let at = call["at"]?.integerValue, let milliseconds = call["ms"]?.integerValue,
                let status = call["status"]?.stringValue
            else { return nil }
            return ActionResult.Attempt(at: at, milliseconds: milliseconds, status: status)
        }
    }

    /// The member with its comma. Brackets and quotes in a status are left out, as the scripts find the member's end
    /// by its brackets.
    var header: [UInt8] {
        var members = JSONObject([("claimedAt", .integer(claimedAt))])
        if let calledAt { members["calledAt"] = .integer(calledAt) }
        let list = calls.map { call -> JSONValue in
            let status = call.status.filter { $0 != "{" && $0 != "}" }
            return ["at": .integer(call.at), "ms": .integer(call.milliseconds), "status": .string(status)]
        }
        if !list.isEmpty { members["calls"] = .array(list) }
        var bytes = Array("\"progress\":".utf8)
        members.write(to: &bytes)
        bytes.append(UInt8(ascii: ","))
        return bytes
    }
}
