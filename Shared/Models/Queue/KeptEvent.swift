/// An event that is kept with its person, of a definition with `keepInProfile`.
///
/// In the list of a person, newest first: `{"sum":N,"kind":"event","at":ms,"id":"e-1","events":["orderPlaced"],
/// "payload":{…}}`, where `sum` is set by the script that puts it there: the bytes ever kept of the person.
package struct KeptEvent: Sendable, Hashable {
    /// Events kept of one person; the oldest go first.
    package static let countMax = 1_000
    /// How long an event is kept: a year.
    package static let ageMillisecondsMax: Int64 = 365 * 86_400_000
    /// Bytes of one person's kept events; the oldest go first, and the newest stays whatever its size.
    package static let bytesMax = 1 << 20

    /// When it was accepted (ms since 1970).
    package let at: Int64
    package let id: String
    /// The definitions that it matched.
    package let events: [String]
    package let payload: JSONValue

    package init(at: Int64, id: String, events: [String], payload: JSONValue) {
        self.at = at
        self.id = id
        self.events = events
        self.payload = payload
    }

    /// Nil where it is none.
    package init?(bytes: [UInt8]) {
        guard let value = try? JSONValue.parse(bytes) else { return nil }
        self.init(value)
    }

    /// Nil where it is none.
    package init?(_ value: JSONValue) {
        guard let at = value["at"]?.integerValue, let id = value["id"]?.stringValue,
            let payload = value["payload"]
        else { return nil }
        self.init(
            at: at, id: id, events: (value["events"]?.arrayValue ?? []).compactMap(\.stringValue), payload: payload)
    }

    /// The element of the list, without its sum.
    package var element: [UInt8] {
        var writer = ElementWriter(capacity: 512)
        writer.add("kind", "event")
        writer.add("at", at)
        writer.add("id", id)
        writer.add("events", events)
        writer.add("payload", payload)
        return writer.finish()
    }

    /// What expressions see of it: the payload, with its id as `_id` and the time of its acceptance as `timestamp`
    /// where it has none of its own.
    package var item: JSONValue {
        guard case .object(var object) = payload else { return payload }
        if object["_id"] == nil { object["_id"] = .string(id) }
        if object["timestamp"] == nil { object["timestamp"] = .string(Timestamp.text(at)) }
        return .object(object)
    }
}
