/// One element of an inbox: something that may move journeys of one partition.
///
/// ```json
/// {"at":1767225600000,"kind":"event","id":"e-1","namespace":"crmId","person":"42","events":["orderPlaced"],
///  "payload":{…}}
/// {"at":…,"kind":"outcome","of":"action","id":"4f…:thank:1","namespace":…,"person":…,"instance":…,"succeeded":true,…}
/// {"at":…,"kind":"config","id":"config-7","revision":7}
/// {"at":…,"kind":"command","id":"…","command":"stop","journey":"welcome","version":2}
/// ```
///
/// `at` is the time of acceptance in milliseconds, put in front by the script that appends, never less than that of
/// the element before. The writers here leave it out.
package struct Stimulus: Sendable {
    package enum Body: Sendable {
        case event(PersonEvent)
        case outcome(Outcome)
        /// The engine must know at least this revision of the configuration before it goes on.
        case configuration(revision: Int64)
        case command(Command)
    }

    /// Milliseconds since 1970.
    package let at: Int64
    package let id: String
    package let body: Body

    package init(at: Int64, id: String, body: Body) {
        self.at = at
        self.id = id
        self.body = body
    }

    package init(bytes: [UInt8]) throws(MalformedElement) {
        let value: JSONValue
        do { value = try JSONValue.parse(bytes) } catch { throw MalformedElement(error.description) }
        let reader = try ElementReader(value)
        at = try reader.integer("at")
        id = try reader.string("id")
        switch try reader.string("kind") {
        case "event": body = .event(try PersonEvent(reader, id: id))
        case "outcome": body = .outcome(try Outcome(reader))
        case "config": body = .configuration(revision: try reader.integer("revision"))
        case "command": body = .command(try Command(reader))
        case let kind: throw MalformedElement("an inbox has no elements of kind \(kind)")
        }
    }

    /// The person concerned; nil for what concerns the whole partition.
    package var person: Person? {
        switch body {
        case .event(let event): event.person
        case .outcome(let outcome): outcome.person
        case .command(.endInstance(let person, _)): person
        case .configuration, .command: nil
        }
    }

    /// The element that announces a revision, without its time.
    package static func configuration(revision: Int64) -> [UInt8] {
        var writer = ElementWriter(capacity: 64)
        writer.add("kind", "config")
        writer.add("id", "config-\(revision)")
        writer.add("revision", revision)
        return writer.finish()
    }
}

/// An accepted event of one person, with every definition that it matched.
package struct PersonEvent: Sendable, Hashable {
    /// The event's own id (`_id`) or one made on acceptance: what traces and duplicates go by.
    package let id: String
    package let person: Person
    /// Names of the event definitions that the payload matched for this person, in the order of their names.
    package let events: [String]
    package let payload: JSONValue

    package init(id: String, person: Person, events: [String], payload: JSONValue) {
        self.id = id
        self.person = person
        self.events = events
        self.payload = payload
    }

    init(_ reader: ElementReader, id: String) throws(MalformedElement) {
        self.id = id
        person = try reader.person()
        events = try reader.strings("events")
        payload = .object(try reader.object("payload"))
    }

    /// The inbox element, without its time.
    package var element: [UInt8] { Self.element(id: id, person: person, events: events, payload: payload.bytes) }

    /// The inbox element of a payload that is JSON text already, without its time.
    package static func element(
        id: String, person: Person, events: [String], payload: some Collection<UInt8>
    ) -> [UInt8] {
        var writer = ElementWriter(capacity: payload.count + 192)
        writer.add("kind", "event")
        writer.add("id", id)
        writer.add(person)
        writer.add("events", events)
        writer.add("payload", json: payload)
        return writer.finish()
    }
}

/// Something that an operator asked of the engine.
package enum Command: Sendable, Hashable {
    /// Everyone inside this version leaves as stopped, a bounded piece a commit.
    case stop(journey: String, version: Int64)
    /// One instance leaves as stopped.
    case endInstance(person: Person, instance: String)

    init(_ reader: ElementReader) throws(MalformedElement) {
        switch try reader.string("command") {
        case "stop": self = .stop(journey: try reader.string("journey"), version: try reader.integer("version"))
        case "end": self = .endInstance(person: try reader.person(), instance: try reader.string("instance"))
        case let command: throw MalformedElement("there is no command \(command)")
        }
    }

    /// The inbox element, without its time.
    package func element(id: String) -> [UInt8] {
        var writer = ElementWriter(capacity: 192)
        writer.add("kind", "command")
        writer.add("id", id)
        switch self {
        case .stop(let journey, let version):
            writer.add("command", "stop")
            writer.add("journey", journey)
            writer.add("version", version)
        case .endInstance(let person, let instance):
            writer.add("command", "end")
            writer.add(person)
            writer.add("instance", instance)
        }
        return writer.finish()
    }
}
