import Models

/// One thing that a partner received, and what it answered.
struct Receipt: Sendable {
    /// Counted from 1 per partner.
    var number = 0
    /// Milliseconds since 1970.
    var at: Int64 = 0
    /// What was answered.
    var status: Int
    /// What the partner makes of it, in the order shown: `to`, `text`, `id`, …
    var fields: JSONObject

    var json: JSONValue {
        var object = JSONObject()
        object["number"] = .integer(Int64(number))
        object["at"] = .string(Timestamp.text(at))
        object["status"] = .integer(Int64(status))
        for (key, value) in fields { object[key] = value }
        return .object(object)
    }
}
