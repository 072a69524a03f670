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
        calls = (value["calls"]?.arrayValue ?? []).compactMap { ActionResult.Attempt($0) }
    }

    /// Calls whose answers are kept, the newest: a request that waits for its next call should not grow with each.
    package static let answersMax = 4

    /// Notes a call that was made.
    package mutating func add(_ call: ActionResult.Attempt) {
        calls.append(call)
        guard calls.count > Self.answersMax else { return }
        let old = calls[calls.count - 1 - Self.answersMax]
        calls[calls.count - 1 - Self.answersMax] = .init(at: old.at, milliseconds: old.milliseconds, status: old.status)
    }

    /// The member with its comma. The scripts find the member's end by its brackets, so those inside texts are escaped.
    var header: [UInt8] {
        var members = JSONObject([("claimedAt", .integer(claimedAt))])
        if let calledAt { members["calledAt"] = .integer(calledAt) }
        if !calls.isEmpty { members["calls"] = .array(calls.map(\.json)) }
        var bytes = Array("\"progress\":".utf8)
        if calls.contains(where: \.hasBrackets) {
            bytes += Self.withoutBracketsInTexts(JSONValue.object(members).bytes)
        } else {
            members.write(to: &bytes)
        }
        bytes.append(UInt8(ascii: ","))
        return bytes
    }

    private static func withoutBracketsInTexts(_ json: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        var isText = false, isEscaped = false
        for byte in json {
            switch byte {
            case UInt8(ascii: "{") where isText: bytes += "\\u007b".utf8
            case UInt8(ascii: "}") where isText: bytes += "\\u007d".utf8
            default: bytes.append(byte)
            }
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isText.toggle()
            }
        }
        return bytes
    }
}

extension ActionResult.Attempt {
    fileprivate var hasBrackets: Bool {
        func has(_ text: String) -> Bool { text.utf8.contains { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: "}") } }
        return has(status) || answer.map { has($0.body) } ?? false
    }
}
