/// One element of an inbox: something that may move journeys of one partition.
///
/// ```json
/// {"at":1767225600000,"kind":"event","id":"e-1","namespace":"crmId","person":"42","events":["orderPlaced"],
///  "payload":{…}}
/// {"at":…,"kind":"repeat","id":"e-1","namespace":"crmId","person":"42","events":["orderPlaced"]}
/// {"at":…,"kind":"outcome","of":"action","id":"4f…:thank:1","namespace":…,"person":…,"instance":…,"succeeded":true,…}
/// {"at":…,"kind":"audience","id":"…","namespace":…,"person":…,"audience":"gold","change":"entered"}
/// {"at":…,"kind":"reaction","id":"…","namespace":…,"person":…,"instance":…,"request":"4f…:mail:1","reaction":"opened"}
/// {"at":…,"kind":"business","id":"b-1","events":["priceDropped"],"payload":{…}}
/// {"at":…,"kind":"config","id":"config-7","revision":7}
/// {"at":…,"kind":"command","id":"…","command":"stop","journey":"welcome","version":2}
/// ```
///
/// `at` is the time of acceptance in milliseconds, put in front by the script that appends, never less than that of
/// the element before. The writers here leave it out.
package struct Stimulus: Sendable {
    package enum Body: Sendable {
        case event(PersonEvent)
        /// An event that was accepted before came again.
        case repeated(RepeatedEvent)
        case outcome(Outcome)
        case audience(AudienceMove)
        case reaction(Reaction)
        case business(BusinessEvent)
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
        case "repeat": body = .repeated(try RepeatedEvent(reader, id: id))
        case "outcome": body = .outcome(try Outcome(reader))
        case "audience": body = .audience(try AudienceMove(reader, id: id))
        case "reaction": body = .reaction(try Reaction(reader, id: id))
        case "business": body = .business(try BusinessEvent(reader, id: id))
        case "config": body = .configuration(revision: try reader.integer("revision"))
        case "command": body = .command(try Command(reader))
        case let kind: throw MalformedElement("an inbox has no elements of kind \(kind)")
        }
    }

    /// The person concerned; nil for what concerns the whole partition.
    package var person: Person? {
        switch body {
        case .event(let event): event.person
        case .repeated(let event): event.person
        case .outcome(let outcome): outcome.person
        case .audience(let move): move.person
        case .reaction(let reaction): reaction.person
        case .command(.endInstance(let person, _)): person
        case .configuration, .command, .business: nil
        }
    }

    /// The test or dry run that it belongs to.
    package var run: RunMark? {
        switch body {
        case .event(let event): event.run
        case .outcome(let outcome): outcome.run
        case .audience(let move): move.run
        case .reaction(let reaction): reaction.run
        case .business(let event): event.run
        case .configuration, .command, .repeated: nil
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
