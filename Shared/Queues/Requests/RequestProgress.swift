import Models

/// What a worker knows of a request that must outlive the worker: it lies in the request's header.
///
/// `"progress":{"claimedAt":ms,"lane":"sms","calledAt":ms,"calls":[{"at":ms,"ms":12,"status":"http_503"}]},`
package struct RequestProgress: Sendable, Hashable {
    /// When it was first claimed (ms, Redis' clock).
    package var claimedAt: Int64
    /// What it waits among while it is put off: the action's name, or source and group of a look-up. Each lane has its
    /// bound; what has none is not bounded.
    package var lane: String?
    /// When its first call was made (ms); nil before.
    package var calledAt: Int64?
    /// The calls made, as the outcome will tell.
    package var calls: [ActionResult.Attempt]

    package init(claimedAt: Int64, lane: String? = nil, calledAt: Int64? = nil, calls: [ActionResult.Attempt] = []) {
        self.claimedAt = claimedAt
        self.lane = lane
        self.calledAt = calledAt
        self.calls = calls
    }

    /// Names of actions, sources and groups are shorter.
    private static let laneBytesMax = 256

    init?(_ value: JSONValue) {
        guard let claimedAt = value["claimedAt"]?.integerValue else { return nil }
        self.claimedAt = claimedAt
        lane = value["lane"]?.stringValue
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
        if let lane, !lane.isEmpty {
            // The scripts find it by its letters.
            let name = lane.utf8.prefix(Self.laneBytesMax).map { $0.isWordByte ? $0 : UInt8(ascii: "_") }
            members["lane"] = .string(String(decoding: name, as: UTF8.self))
        }
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
