/// Where a request comes from: one visit of one instance to one node.
package struct RequestOrigin: Sendable, Hashable {
    package let person: Person
    package let journey: String
    package let version: Int64
    package let instance: String
    package let node: String
    /// How often the instance came to the node, from 1.
    package let visit: Int64
    package let run: RunMark?

    package init(
        person: Person, journey: String, version: Int64, instance: String, node: String, visit: Int64,
        run: RunMark? = nil
    ) {
        self.person = person
        self.journey = journey
        self.version = version
        self.instance = instance
        self.node = node
        self.visit = visit
        self.run = run
    }

    init(_ reader: ElementReader) throws(MalformedElement) {
        person = try reader.person()
        journey = try reader.string("journey")
        version = try reader.integer("version")
        instance = try reader.string("instance")
        node = try reader.string("node")
        visit = try reader.integer("visit")
        run = try RunMark(reader)
    }

    func write(to writer: inout ElementWriter) {
        writer.add(person)
        writer.add("journey", journey)
        writer.add("version", version)
        writer.add("instance", instance)
        writer.add("node", node)
        writer.add("visit", visit)
        writer.add(run)
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
    /// In `actions` too.
    case message(MessageRequest)

    package init(bytes: [UInt8]) throws(MalformedElement) {
        let value: JSONValue
        do { value = try JSONValue.parse(bytes) } catch { throw MalformedElement(error.description) }
        let reader = try ElementReader(value)
        switch try reader.string("kind") {
        case "fetch": self = .fetch(try FetchRequest(reader))
        case "action": self = .action(try ActionRequest(reader))
        case "message": self = .message(try MessageRequest(reader))
        case let kind: throw MalformedElement("there are no requests of kind \(kind)")
        }
    }

    package var id: String {
        switch self {
        case .fetch(let request): request.id
        case .action(let request): request.id
        case .message(let request): request.id
        }
    }

    package var origin: RequestOrigin {
        switch self {
        case .fetch(let request): request.origin
        case .action(let request): request.origin
        case .message(let request): request.origin
        }
    }

    static func header(_ writer: inout ElementWriter, kind: String, id: String) {
        writer.add("kind", kind)
        writer.add("id", id)
        writer.add("deliveries", Int64(0))
        writer.add("attempts", Int64(0))
    }
}
