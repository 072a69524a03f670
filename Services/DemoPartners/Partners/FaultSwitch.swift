import Models

/// How a partner misbehaves on purpose.
struct FaultSwitch: Sendable, Equatable {
    /// Answered instead of the real work; `nil` works. The mail server answers it after DATA (451, 550, …).
    var status: Int?
    /// Waited before every answer.
    var delayMilliseconds: Int64 = 0
    /// Sent as `Retry-After` with the status.
    var retryAfterSeconds: Int64?
    /// The switch goes back by itself after so many requests; `nil` stays.
    var times: Int64?

    var json: JSONValue {
        var object = JSONObject()
        object["status"] = status.map { .integer(Int64($0)) } ?? .null
        object["delayMs"] = .integer(delayMilliseconds)
        object["retryAfter"] = retryAfterSeconds.map { .integer($0) } ?? .null
        object["times"] = times.map { .integer($0) } ?? .null
        return .object(object)
    }

    /// A sentence about what cannot be set.
    struct Mistake: Error {
        let sentence: String
    }

    /// Reads `{"status": 503, "delayMs": 0, "retryAfter": 2, "times": 3}`; each may be absent or null.
    init(_ value: JSONValue) throws(Mistake) {
        guard let object = value.objectValue else {
            throw Mistake(sentence: "A switch is an object with status, delayMs, retryAfter and times.")
        }
        let known: Set<String> = ["status", "delayMs", "retryAfter", "times"]
        for (key, _) in object where !known.contains(key) {
            throw Mistake(sentence: "A switch has no \(key); it has status, delayMs, retryAfter and times.")
        }
        status = try Self.number(object, "status", 200...599).map(Int.init)
        let delayMax = Limits.delayMax.components.seconds * 1_000
        delayMilliseconds = try Self.number(object, "delayMs", 0...delayMax) ?? 0
        retryAfterSeconds = try Self.number(object, "retryAfter", 0...86_400)
        times = try Self.number(object, "times", 1...1_000_000)
        if status == 200 { status = nil }
    }

    init() {}

    private static func number(
        _ object: JSONObject, _ key: String, _ range: ClosedRange<Int64>
    ) throws(Mistake) -> Int64? {
        guard let value = object[key], !value.isNull else { return nil }
        guard let number = value.integerValue, range.contains(number) else {
            throw Mistake(sentence: "\(key) is a whole number from \(range.lowerBound) to \(range.upperBound).")
        }
        return number
    }
}
