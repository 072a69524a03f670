import Expressions
import Models

/// What a simulation is made of, beside the journey: people, what happens to them, and how the outside answers.
package struct SimulationRequest: Sendable {
    package enum People: Sendable {
        /// So many, made by generators.
        case made(count: Int, namespace: String, id: Generator, attributes: Generator)
        case given([(person: Person, attributes: JSONObject)])

        package var count: Int {
            switch self {
            case .made(let count, _, _, _): count
            case .given(let people): people.count
            }
        }
    }

    /// Something that happens to people.
    struct Occurrence: Sendable {
        enum What: Sendable {
            case event(String, payload: Generator)
            case audience(String, AudienceChange)
        }

        enum Who: Sendable {
            /// So many in a hundred of all people, drawn.
            case everyone(percent: Double)
            case one(Person)
        }

        enum When: Sendable {
            /// After the start.
            case after(SimulationSpan)
            case at(Int64)
        }

        let what: What
        let who: Who
        let when: When
        /// How often it happens to each of them, and how long after the time before.
        let times: Int
        let every: SimulationSpan
        /// What follows each time for the same person, counted from it.
        let then: [Occurrence]

        /// It and all that follow it.
        var size: Int { then.reduce(1) { $0 + $1.size } }
    }

    package static let peopleMax = 1_000_000
    package static let occurrencesMax = 1_000_000
    package static let samplesMax = 100

    package let seed: UInt64
    /// Milliseconds since 1970.
    package let start: Int64
    /// The last moment that is looked at.
    package let end: Int64
    package let people: People
    let occurrences: [Occurrence]
    package let mocks: SimulationMocks
    /// How many people's ways are told step by step.
    let samples: Int

    /// - Parameter reader: of an object with `people`, `events`, `mocks`, `seed`, `start`, `until`, `samples`. Other
    ///   members are the caller's to read or refuse.
    package init(_ reader: inout ObjectReader) {
        var problems: [Problem] = []
        seed = UInt64(bitPattern: reader.integer("seed", in: .min ... .max) ?? 1)
        start = Self.time(&reader, "start") ?? 1_767_225_600_000
        end = Self.end(&reader, from: start)
        people = Self.people(&reader, &problems)
        var occurrences: [Occurrence] = []
        for (place, item) in (reader.array("events", countMax: Self.occurrencesMax) ?? []).enumerated() {
            occurrences.append(Occurrence(item, path: reader.pointer("events") + "/\(place)", depth: 0, &problems))
        }
        self.occurrences = occurrences
        mocks =
            reader.value("mocks").map { SimulationMocks($0, path: reader.pointer("mocks"), &problems) }
            ?? SimulationMocks()
        samples = Int(reader.integer("samples", in: 0...Int64(Self.samplesMax)) ?? 5)
        reader.report(problems)
    }

    static func time(_ reader: inout ObjectReader, _ key: String) -> Int64? {
        guard let text = reader.string(key) else { return nil }
        if let time = ISO8601.parseDateTime(text) { return time.instant }
        reader.report(key, "must be an ISO 8601 time with zone or offset, such as 2026-01-01T00:00:00Z")
        return nil
    }

    /// A time, or a duration from the start; 91 days, a journey's usual limit, where nothing is said.
    private static func end(_ reader: inout ObjectReader, from start: Int64) -> Int64 {
        guard let text = reader.string("until") else { return start + JourneyProperties.globalTimeoutDefault }
        let end = ISODuration.milliseconds(text).map { start &+ $0 } ?? ISO8601.parseDateTime(text)?.instant
        if let end, end >= start, end - start <= JourneyProperties.durationMillisecondsMax { return end }
        reader.report("until", "must be a duration such as P30D or a time after the start, within ten years")
        return start
    }

    private static func people(_ reader: inout ObjectReader, _ problems: inout [Problem]) -> People {
        if case .array? = reader.value("people") {
            let items = reader.array("people", countMax: peopleMax) ?? []
            return .given(
                items.enumerated().map { place, item in
                    var part = ObjectReader(item, path: reader.pointer("people") + "/\(place)")
                    let person = Person(namespace: part.string("namespace") ?? "crmId", id: part.requiredString("id"))
                    let attributes = part.object("attributes") ?? JSONObject()
                    part.refuseUnknown()
                    problems += part.problems
                    return (person, attributes)
                })
        }
        let object = reader.object("people") ?? ["count": 100]
        var part = ObjectReader(object, path: reader.pointer("people"))
        let id = part.value("id") ?? ["$text": "person-{number}"]
        let attributes = part.value("attributes") ?? [:]
        let people = People.made(
            count: Int(part.integer("count", in: 1...Int64(peopleMax)) ?? 100),
            namespace: part.string("namespace") ?? "crmId", id: Generator(id, path: part.pointer("id"), &problems),
            attributes: Generator(attributes, path: part.pointer("attributes"), &problems))
        part.refuseUnknown()
        problems += part.problems
        return people
    }
}

extension SimulationRequest.Occurrence {
    /// `{"event": "orderPlaced", "payload": …, "after": {"from": "PT0S", "to": "P1D"}, "percent": 80, "times": 3,
    /// "every": "P1D"}`, or `{"audience": "gold", "change": "entered", …}`; recorded ones have `"person": {namespace,
    /// id}` and `"at"`. `then` holds what follows for the same person, such as the parcel after the order.
    ///
    /// - Parameter depth: how many it follows.
    init(_ value: JSONValue, path: String, depth: Int, _ problems: inout [Problem]) {
        var reader = ObjectReader(value, path: path), found: [Problem] = []
        let payload = reader.value("payload") ?? [:]
        if let event = reader.string("event") {
            what = .event(event, payload: Generator(payload, path: reader.pointer("payload"), &found))
        } else if let audience = reader.string("audience") {
            let change = reader.choice("change", AudienceChange.self) ?? .entered
            if change == .any { reader.report("change", "must be entered or exited") }
            what = .audience(audience, change)
        } else {
            reader.report("event", "or audience is required")
            what = .event("", payload: .constant(.null))
        }
        if let object = reader.object("person") {
            var part = ObjectReader(object, path: reader.pointer("person"))
            who = .one(Person(namespace: part.string("namespace") ?? "crmId", id: part.requiredString("id")))
            part.refuseUnknown()
            found += part.problems
        } else {
            who = .everyone(percent: reader.number("percent", in: 0...100) ?? 100)
        }
        if let at = SimulationRequest.time(&reader, "at") {
            when = .at(at)
        } else {
            let after = reader.value("after") ?? "PT0S"
            when = .after(SimulationSpan(after, path: reader.pointer("after"), &found))
        }
        times = Int(reader.integer("times", in: 1...1_000) ?? 1)
        let every = reader.value("every") ?? "PT0S"
        self.every = SimulationSpan(every, path: reader.pointer("every"), &found)
        let followers = reader.array("then", countMax: 100) ?? []
        if depth >= Self.depthMax, !followers.isEmpty {
            reader.report("then", "goes more than \(Self.depthMax) deep")
            then = []
        } else {
            then = followers.enumerated().map { place, item in
                Self(item, path: reader.pointer("then") + "/\(place)", depth: depth + 1, &found)
            }
        }
        if depth > 0, case .one = who { reader.report("person", "is the one whom it follows") }
        reader.refuseUnknown()
        problems += reader.problems + found
    }

    private static var depthMax: Int { 8 }
}
