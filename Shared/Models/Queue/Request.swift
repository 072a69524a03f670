/// Where a request comes from: one visit of one instance to one node.
package struct RequestOrigin: Sendable, Hashable {
    package let person: Person
    package let journey: String
    package let version: Int64
    package let instance: String
    package let node: String
    /// How often the instance came to the node, from 1.
    package let visit: Int64

    package init(person: Person, journey: String, version: Int64, instance: String, node: String, visit: Int64) {
        self.person = person
        self.journey = journey
        self.version = version
        self.instance = instance
        self.node = node
        self.visit = visit
    }

    init(_ reader: ElementReader) throws(MalformedElement) {
        person = try reader.person()
        journey = try reader.string("journey")
        version = try reader.integer("version")
        instance = try reader.string("instance")
        node = try reader.string("node")
        visit = try reader.integer("visit")
    }

    func write(to writer: inout ElementWriter) {
        writer.add(person)
        writer.add("journey", journey)
        writer.add("version", version)
        writer.add("instance", instance)
        writer.add("node", node)
        writer.add("visit", visit)
    }
}

/// An element of `fetches` or `actions`.
///
/// Each begins with the same four members, which the scripts read and rewrite without reading the rest:
/// `{"kind":"action","id":"4f…:thank:1","deliveries":0,"attempts":0,…}`. While claimed, `"leaseUntil":ms,"worker":"…",`
/// follow them. An id is made of letters, digits and `:_.-` only.
package enum Request: Sendable, Hashable {
    case fetch(FetchRequest)
    case action(ActionRequest)

    package init(bytes: [UInt8]) throws(MalformedElement) {
        let value: JSONValue
        do { value = try JSONValue.parse(bytes) } catch { throw MalformedElement(error.description) }
        let reader = try ElementReader(value)
        switch try reader.string("kind") {
        case "fetch": self = .fetch(try FetchRequest(reader))
        case "action": self = .action(try ActionRequest(reader))
        case let kind: throw MalformedElement("there are no requests of kind \(kind)")
        }
    }

    package var id: String {
        switch self {
        case .fetch(let request): request.id
        case .action(let request): request.id
        }
    }

    package var origin: RequestOrigin {
        switch self {
        case .fetch(let request): request.origin
        case .action(let request): request.origin
        }
    }

    static func header(_ writer: inout ElementWriter, kind: String, id: String) {
        writer.add("kind", kind)
        writer.add("id", id)
        writer.add("deliveries", Int64(0))
        writer.add("attempts", Int64(0))
    }
}

/// Asks `data-source-fetching` for field groups that a node needs.
package struct FetchRequest: Sendable, Hashable {
    package struct Lookup: Sendable, Hashable {
        /// What the answer is filed under: made by the expression from source, group and parameters.
        package let key: String
        package let source: String
        package let group: String
        package let parameters: JSONObject
        /// Paths below the group that the plan reads, as `a.b`; nothing else comes back.
        package let fields: [String]

        package init(key: String, source: String, group: String, parameters: JSONObject, fields: [String]) {
            self.key = key
            self.source = source
            self.group = group
            self.parameters = parameters
            self.fields = fields
        }
    }

    package let id: String
    package let origin: RequestOrigin
    package let lookups: [Lookup]
    /// For all attempts together, counted from the claim.
    package let timeoutMilliseconds: Int64

    package init(id: String, origin: RequestOrigin, lookups: [Lookup], timeoutMilliseconds: Int64) {
        self.id = id
        self.origin = origin
        self.lookups = lookups
        self.timeoutMilliseconds = timeoutMilliseconds
    }

    init(_ reader: ElementReader) throws(MalformedElement) {
        id = try reader.string("id")
        origin = try RequestOrigin(reader)
        timeoutMilliseconds = try reader.integer("timeoutMs")
        var lookups: [Lookup] = []
        for item in try reader.array("lookups") {
            let lookup = try ElementReader(item)
            lookups.append(
                Lookup(
                    key: try lookup.string("key"), source: try lookup.string("source"),
                    group: try lookup.string("group"), parameters: try lookup.object("parameters"),
                    fields: try lookup.strings("fields")))
        }
        self.lookups = lookups
    }

    /// The element as it is pushed by the engine's commit.
    package var element: [UInt8] {
        var writer = ElementWriter()
        Request.header(&writer, kind: "fetch", id: id)
        origin.write(to: &writer)
        writer.add("timeoutMs", timeoutMilliseconds)
        let items = lookups.map { lookup -> JSONValue in
            [
                "key": .string(lookup.key), "source": .string(lookup.source), "group": .string(lookup.group),
                "parameters": .object(lookup.parameters), "fields": JSONValue(lookup.fields),
            ]
        }
        writer.add("lookups", .array(items))
        return writer.finish()
    }
}

/// Asks `action-dispatch` to perform an action. It holds all that the call is made of, so that no attempt differs
/// from the first; its id is the `Idempotency-Key` that the third party sees.
package struct ActionRequest: Sendable, Hashable {
    package let id: String
    package let origin: RequestOrigin
    package let action: String
    /// The revision of the action's definition that was in force when the node was reached.
    package let actionRevision: Int64
    package let parameters: JSONObject
    /// For all attempts together, counted from the first; the action's own time-out goes before it.
    package let timeoutMilliseconds: Int64
    /// Paths of the response that later nodes read, as `a.b`; nothing else comes back.
    package let fields: [String]

    package init(
        id: String, origin: RequestOrigin, action: String, actionRevision: Int64, parameters: JSONObject,
        timeoutMilliseconds: Int64, fields: [String]
    ) {
        self.id = id
        self.origin = origin
        self.action = action
        self.actionRevision = actionRevision
        self.parameters = parameters
        self.timeoutMilliseconds = timeoutMilliseconds
        self.fields = fields
    }

    init(_ reader: ElementReader) throws(MalformedElement) {
        id = try reader.string("id")
        origin = try RequestOrigin(reader)
        action = try reader.string("action")
        actionRevision = try reader.integer("actionRevision")
        parameters = try reader.object("parameters")
        timeoutMilliseconds = try reader.integer("timeoutMs")
        fields = try reader.strings("fields")
    }

    /// The element as it is pushed by the engine's commit.
    package var element: [UInt8] {
        var writer = ElementWriter()
        Request.header(&writer, kind: "action", id: id)
        origin.write(to: &writer)
        writer.add("action", action)
        writer.add("actionRevision", actionRevision)
        writer.add("parameters", parameters)
        writer.add("timeoutMs", timeoutMilliseconds)
        writer.add("fields", fields)
        return writer.finish()
    }
}
