/// An accepted event of one person, with every definition that it matched.
package struct PersonEvent: Sendable, Hashable {
    /// The event's own id (`_id`) or one made on acceptance: what traces and duplicates go by.
    package let id: String
    package let person: Person
    /// Names of the event definitions that the payload matched for this person, in the order of their names.
    package let events: [String]
    package let payload: JSONValue
    package let run: RunMark?

    package init(id: String, person: Person, events: [String], payload: JSONValue, run: RunMark? = nil) {
        self.id = id
        self.person = person
        self.events = events
        self.payload = payload
        self.run = run
    }

    init(_ reader: ElementReader, id: String) throws(MalformedElement) {
        self.id = id
        person = try reader.person()
        events = try reader.strings("events")
        payload = .object(try reader.object("payload"))
        run = try RunMark(reader)
    }

    /// What the instances that it leads into are told apart by: another event may have the same id, and match one of
    /// the same definitions.
    package var entrance: String { events.count > 1 ? ([id] + events).joined(separator: "\n") : id }

    /// The inbox element, without its time.
    package var element: [UInt8] {
        Self.element(id: id, person: person, events: events, payload: payload.bytes, run: run)
    }

    /// The inbox element of a payload that is JSON text already, without its time.
    package static func element(
        id: String, person: Person, events: [String], payload: some Collection<UInt8>, run: RunMark? = nil
    ) -> [UInt8] {
        var writer = ElementWriter(capacity: payload.count + 192)
        writer.add("kind", "event")
        writer.add("id", id)
        writer.add(person)
        writer.add("events", events)
        writer.add(run)
        writer.add("payload", json: payload)
        return writer.finish()
    }
}
