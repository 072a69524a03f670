/// An event that came again inside the duplicate window: the script that appends makes it of the event's element. It
/// moves nobody and is on record. Of a business event the person's namespace and id are empty.
package struct RepeatedEvent: Sendable, Hashable {
    package let id: String
    package let person: Person
    /// Names of the event definitions that the payload matched for this person.
    package let events: [String]

    init(_ reader: ElementReader, id: String) throws(MalformedElement) {
        self.id = id
        person = try reader.person()
        events = try reader.strings("events")
    }

    /// The code of the step event that says it.
    package static let code = "duplicate"

    /// What is on record of it.
    package func record(at time: Int64) -> StepRecord {
        var record = StepRecord(seen: SeenEvent(events: events), person: person, stimulus: id, at: time)
        for place in record.events.indices { record.events[place].code = Self.code }
        return record
    }
}
