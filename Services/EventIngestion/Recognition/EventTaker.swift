import Foundation
import JSONSchema
import Models
import Queues

/// Takes events: recognises and validates them, finds their people, and appends them to the inboxes.
struct EventTaker: Sendable {
    /// What was accepted of one payload.
    struct Accepted: Sendable {
        struct Match: Sendable {
            let event: String
            /// Nil for a business event, which concerns nobody.
            let person: Person?
            let partition: Int
        }

        let id: String
        /// The same event was accepted before; it has no second effect.
        let isDuplicate: Bool
        let matches: [Match]
    }

    enum Answer: Sendable {
        case accepted(Accepted)
        case invalid([Problem])
        /// A queue is at its cap; nothing of it, or only a part, was accepted: the same event may be sent again. The id
        /// is the one under which a part was accepted: the event sent with it as `_id` completes what is missing,
        /// wherever it arrives.
        case full(id: String?)
    }

    /// A payload that is ready to be appended.
    private struct Ready {
        let id: String
        let matches: [Accepted.Match]
        let entries: [InboxEntry]
        /// Of a payload for several people without an id of its own.
        let fingerprint: UInt64?
    }

    let book: EventBook
    let inbox: InboxWriter
    let partitions: Int
    let hashKey: HashKey
    let clock: @Sendable () -> Int64
    let makeID: @Sendable () -> String
    private let partly = PartlyTaken()

    init(
        book: EventBook, inbox: InboxWriter, partitions: Int, hashKey: HashKey, clock: @escaping @Sendable () -> Int64,
        makeID: @escaping @Sendable () -> String
    ) {
        self.book = book
        self.inbox = inbox
        self.partitions = partitions
        self.hashKey = hashKey
        self.clock = clock
        self.makeID = makeID
    }

    /// Takes one payload. `inlet` limits which events it may be; `text` is the payload's JSON where it is at hand.
    func take(_ payload: JSONValue, text: [UInt8]?, inlet: InletDefinition?) async throws(QueueError) -> Answer {
        try await take([(payload, text)], inlet: inlet)[0]
    }

    /// Takes several; the answers are in their order. One append for all of them.
    func take(
        _ payloads: [(value: JSONValue, text: [UInt8]?)], inlet: InletDefinition?
    ) async throws(QueueError) -> [Answer] {
        let snapshot = book.current
        let now = clock()
        var answers: [Answer?] = []
        var ready: [(place: Int, ready: Ready)] = []
        for (place, payload) in payloads.enumerated() {
            switch prepare(payload.value, text: payload.text, inlet: inlet, snapshot, now) {
            case .success(let one):
                ready.append((place, one))
                answers.append(nil)
            case .failure(let invalid): answers.append(.invalid(invalid.problems))
            }
        }
        let results: [AppendResult]
        do throws(QueueError) {
            results = ready.isEmpty ? [] : try await inbox.append(ready.flatMap(\.ready.entries))
        } catch {
            // Some may be in and others not.
            if error.code == .unknownOutcome { for (_, one) in ready { remember(one, now) } }
            throw error
        }
        var next = 0
        for (place, one) in ready {
            let own = results[next..<next + one.entries.count]
            next += one.entries.count
            answers[place] = answer(one, own, now)
        }
        return answers.map { $0 ?? .invalid([]) }
    }

    private func answer(_ ready: Ready, _ results: ArraySlice<AppendResult>, _ now: Int64) -> Answer {
        var isDuplicate = true, isFull = false, isPart = false
        for result in results {
            switch result {
            case .appended:
                isDuplicate = false
                isPart = true
            case .duplicate: isPart = true
            case .full: isFull = true
            }
        }
        if !isFull { return .accepted(Accepted(id: ready.id, isDuplicate: isDuplicate, matches: ready.matches)) }
        if isPart { remember(ready, now) }
        return .full(id: isPart ? ready.id : nil)
    }

    private func remember(_ ready: Ready, _ now: Int64) {
        if let fingerprint = ready.fingerprint { partly.remember(ready.id, of: fingerprint, now: now) }
    }

    private func prepare(
        _ payload: JSONValue, text: [UInt8]?, inlet: InletDefinition?, _ snapshot: IngestionSnapshot, _ now: Int64
    ) -> Result<Ready, InvalidDocument> {
        guard case .object = payload else {
            return .failure(InvalidDocument(path: "", message: "an event is a JSON object"))
        }
        let allowed = snapshot.events.filter { event in
            inlet.map { $0.events.isEmpty || $0.events.contains(event.definition.name) } ?? true
        }
        let recognised = allowed.filter { $0.recognises(payload, at: now) }
        if recognised.isEmpty { return .failure(unrecognised(payload, allowed)) }
        var problems: [Problem] = []
        var checked: Set<String> = []
        for event in recognised where checked.insert(event.definition.schema).inserted {
            problems += event.schema.validate(payload)
        }
        if !problems.isEmpty { return .failure(InvalidDocument(problems)) }

        var people: [(person: Person, events: [String])] = []
        for event in recognised where !event.definition.isBusiness {
            let name = event.definition.name
            let person: Person
            switch event.personID(payload, at: now) {
            case .success(let id): person = Person(namespace: event.definition.namespace, id: id)
            case .failure(let refusal):
                let key = event.definition.key
                let message = "the key of the event \(name) finds no identity: \(key) \(refusal.reason)"
                return .failure(InvalidDocument(path: "", message: message))
            }
            guard person.id.utf8.count <= Person.idBytesMax else {
                let message = "the identity of the event \(name) is longer than \(Person.idBytesMax) bytes"
                return .failure(InvalidDocument(path: "", message: message))
            }
            if let place = people.firstIndex(where: { $0.person == person }) {
                people[place].events.append(name)
            } else {
                people.append((person, [name]))
            }
        }
        let business = recognised.filter(\.definition.isBusiness).map(\.definition.name)
        return .success(ready(payload, text: text, people, business: business, now))
    }

    private func ready(
        _ payload: JSONValue, text: [UInt8]?, _ people: [(person: Person, events: [String])], business: [String],
        _ now: Int64
    ) -> Ready {
        let given = payload["_id"].flatMap { try? Identity.text(of: $0).get() }
        let bytes = text ?? payload.bytes
        // What one inbox takes and another refuses must be known when it comes again.
        let fingerprint = given == nil && people.count + (business.isEmpty ? 0 : 1) > 1 ? fingerprint(bytes) : nil
        let id = given ?? fingerprint.flatMap { partly.take($0, now: now) } ?? makeID()
        let isRepeatable = given != nil || fingerprint != nil
        var matches: [Accepted.Match] = []
        var entries: [InboxEntry] = []
        for (person, events) in people {
            let partition = person.partition(of: partitions)
            matches += events.map { Accepted.Match(event: $0, person: person, partition: partition) }
            entries.append(
                InboxEntry(
                    partition: partition,
                    element: PersonEvent.element(id: id, person: person, events: events, payload: bytes),
                    duplicateHash: isRepeatable ? duplicateHash(id, person, events) : nil))
        }
        if !business.isEmpty {
            // It concerns nobody: the partition of its id starts what it starts.
            let nobody = Person(namespace: "", id: id)
            let partition = nobody.partition(of: partitions)
            matches += business.map { Accepted.Match(event: $0, person: nil, partition: partition) }
            entries.append(
                InboxEntry(
                    partition: partition, element: BusinessEvent(id: id, events: business, payload: payload).element,
                    duplicateHash: isRepeatable ? duplicateHash(id, nobody, business) : nil))
        }
        return Ready(id: id, matches: matches, entries: entries, fingerprint: fingerprint)
    }

    private func fingerprint(_ bytes: [UInt8]) -> UInt64 {
        var hash = SipHash(key: hashKey)
        for byte in bytes { hash.add(byte) }
        return hash.finish().low
    }

    /// What the duplicate window remembers: an event's id for one person and the definitions that it matched, hashed so
    /// that nobody can choose two alike. An order number may be the id of two events, of the order and of its payment.
    private func duplicateHash(_ id: String, _ person: Person, _ events: [String]) -> Int64 {
        var hash = SipHash(key: hashKey)
        hash.add(id)
        hash.add(person.namespace)
        hash.add(person.id)
        for event in events { hash.add(event) }
        return Int64(bitPattern: hash.finish().low)
    }

    /// Why a payload is no event: where all that may come here share a schema, also what the schema says.
    private func unrecognised(_ payload: JSONValue, _ allowed: [RecognisedEvent]) -> InvalidDocument {
        let names = allowed.prefix(10).map(\.definition.name).joined(separator: ", ")
        let message =
            allowed.isEmpty
            ? "no event is configured that could be taken here" : "is none of the events that are taken here: \(names)"
        var problems = [Problem(path: "", message: message)]
        if Set(allowed.map(\.definition.schema)).count == 1 { problems += allowed[0].schema.validate(payload) }
        return InvalidDocument(problems)
    }
}
