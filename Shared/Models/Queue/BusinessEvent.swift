/// An accepted event that concerns no person: it starts the journeys that go on with an audience.
///
/// `{"kind":"business","id":"b-1","events":["priceDropped"],"payload":{…}}`, in the partition of its id.
package struct BusinessEvent: Sendable, Hashable {
    package let id: String
    /// Names of the event definitions that the payload matched, in the order of their names.
    package let events: [String]
    package let payload: JSONValue
    package let run: RunMark?

    package init(id: String, events: [String], payload: JSONValue, run: RunMark? = nil) {
        self.id = id
        self.events = events
        self.payload = payload
        self.run = run
    }

    init(_ reader: ElementReader, id: String) throws(MalformedElement) {
        self.id = id
        events = try reader.strings("events")
        payload = .object(try reader.object("payload"))
        run = try RunMark(reader)
    }

    /// The inbox element, without its time.
    package var element: [UInt8] {
        var writer = ElementWriter()
        writer.add("kind", "business")
        writer.add("id", id)
        writer.add("events", events)
        writer.add(run)
        writer.add("payload", payload)
        return writer.finish()
    }
}
