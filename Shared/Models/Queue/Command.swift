/// Something that an operator, or a schedule, asked of the engine.
package enum Command: Sendable, Hashable {
    /// Everyone inside this version leaves as stopped, a bounded piece a commit.
    case stop(journey: String, version: Int64)
    /// One instance leaves as stopped.
    case endInstance(person: Person, instance: String)
    /// The members of an audience enter; in every inbox, ignored where the run was seen.
    case run(AudienceRun)
    /// Who is held goes on, oldest first, at this rate over all partitions; nil: as fast as can be.
    case resume(journey: String, ratePerSecond: Double?)
    /// Everyone inside one version, or at these nodes of it, goes over to another.
    case move(VersionMove)
    /// The clock of a test run goes on to a time, in milliseconds since 1970.
    case advance(run: String, to: Int64)
    /// What is remembered of a journey's runs over its audience is no longer needed: nobody enters it any more.
    case forget(journey: String)

    init(_ reader: ElementReader) throws(MalformedElement) {
        switch try reader.string("command") {
        case "stop": self = .stop(journey: try reader.string("journey"), version: try reader.integer("version"))
        case "end": self = .endInstance(person: try reader.person(), instance: try reader.string("instance"))
        case "run": self = .run(try AudienceRun(reader))
        case "resume":
            self = .resume(
                journey: try reader.string("journey"), ratePerSecond: reader.object["ratePerSecond"]?.decimalValue)
        case "move": self = .move(try VersionMove(reader))
        case "advance": self = .advance(run: try reader.string("run"), to: try reader.integer("to"))
        case "forget": self = .forget(journey: try reader.string("journey"))
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
        case .run(let run): run.write(to: &writer)
        case .resume(let journey, let ratePerSecond):
            writer.add("command", "resume")
            writer.add("journey", journey)
            if let ratePerSecond { writer.add("ratePerSecond", JSONValue.decimal(ratePerSecond)) }
        case .move(let move): move.write(to: &writer)
        case .advance(let run, let to):
            writer.add("command", "advance")
            writer.add("run", run)
            writer.add("to", to)
        case .forget(let journey):
            writer.add("command", "forget")
            writer.add("journey", journey)
        }
        return writer.finish()
    }
}

/// One time that a journey reads its audience.
///
/// `{"command":"run","run":"…","journey":"sale","version":2,"eventName":"priceDropped","event":{…}}`
package struct AudienceRun: Sendable, Hashable {
    /// Of the version and the planned time, or the business event's id.
    package let id: String
    package let journey: String
    package let version: Int64
    /// The business event that started it, and its payload.
    package let eventName: String?
    package let event: JSONObject?

    package init(id: String, journey: String, version: Int64, eventName: String? = nil, event: JSONObject? = nil) {
        self.id = id
        self.journey = journey
        self.version = version
        self.eventName = eventName
        self.event = event
    }

    init(_ reader: ElementReader) throws(MalformedElement) {
        id = try reader.string("run")
        journey = try reader.string("journey")
        version = try reader.integer("version")
        eventName = try reader.optionalString("eventName")
        event = reader.object["event"]?.objectValue
    }

    func write(to writer: inout ElementWriter) {
        writer.add("command", "run")
        writer.add("run", id)
        writer.add("journey", journey)
        writer.add("version", version)
        if let eventName { writer.add("eventName", eventName) }
        if let event { writer.add("event", event) }
    }
}

/// People who go from one version of a journey to another.
///
/// `{"command":"move","move":"…","journey":"welcome","from":1,"to":2,"nodes":["wait"]}`
package struct VersionMove: Sendable, Hashable {
    package let id: String
    package let journey: String
    package let from: Int64
    package let to: Int64
    /// Only who stands on one of these; nil: everyone.
    package let nodes: [String]?

    package init(id: String, journey: String, from: Int64, to: Int64, nodes: [String]? = nil) {
        self.id = id
        self.journey = journey
        self.from = from
        self.to = to
        self.nodes = nodes
    }

    init(_ reader: ElementReader) throws(MalformedElement) {
        id = try reader.string("move")
        journey = try reader.string("journey")
        from = try reader.integer("from")
        to = try reader.integer("to")
        nodes = reader.object["nodes"] == nil ? nil : try reader.strings("nodes")
    }

    func write(to writer: inout ElementWriter) {
        writer.add("command", "move")
        writer.add("move", id)
        writer.add("journey", journey)
        writer.add("from", from)
        writer.add("to", to)
        if let nodes { writer.add("nodes", nodes) }
    }
}
