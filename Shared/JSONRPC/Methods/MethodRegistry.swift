import Models

/// The methods of one service: what dispatches is what ``discoveryDocument()`` describes.
package struct MethodRegistry: Sendable {
    package let service: String
    package let version: String
    package let summary: String
    package private(set) var methods: [RPCMethod] = []
    private(set) var components: [(name: String, schema: RPCSchema)] = []
    private var places: [String: Int] = [:]

    /// - Parameters:
    ///   - service: the executable's name, such as `event-ingestion`.
    ///   - summary: one sentence on what the service does.
    package init(service: String, version: String, summary: String) {
        self.service = service
        self.version = version
        self.summary = summary
        add(.ping)
    }

    /// Adds methods; a name that is there already is a mistake of ours.
    package mutating func add(_ methods: RPCMethod...) { add(methods) }

    package mutating func add(_ methods: [RPCMethod]) {
        for method in methods {
            precondition(places[method.name] == nil, "the method \(method.name) is registered twice")
            places[method.name] = self.methods.count
            self.methods.append(method)
        }
    }

    /// Adds a schema to `components.schemas`, for ``RPCSchema/component(_:)``.
    package mutating func addComponent(_ name: String, _ schema: RPCSchema) {
        components.append((name, schema))
    }

    package subscript(name: String) -> RPCMethod? { places[name].map { methods[$0] } }

    /// What is wrong with the examples: each must be a call that its own method would take. For tests.
    package func problemsOfExamples() -> [String] {
        methods.compactMap { method in
            do throws(RPCError) {
                _ = try method.checkedParams(.byName(method.example.params))
                return nil
            } catch { return "\(method.name): \(error.message)" }
        }
    }

    /// The registry with `rpc.discover`, whose answer is the document of all that was registered, itself included.
    func sealed() -> MethodRegistry {
        var complete = self
        complete.add(.discover(answering: .null))
        let document = complete.discoveryDocument()
        var sealed = self
        sealed.add(.discover(answering: document))
        return sealed
    }
}

extension RPCMethod {
    static var ping: RPCMethod {
        RPCMethod(
            "rpc.ping", summary: "Answers pong.", scope: nil, result: .choice("pong"),
            example: RPCExample(params: [:], result: "pong"), batchOrder: .together
        ) { _, _ throws(RPCError) in "pong" }
    }

    static func discover(answering document: JSONValue) -> RPCMethod {
        RPCMethod(
            "rpc.discover", summary: "Answers the OpenRPC document of this service.", scope: nil, result: .object,
            example: RPCExample(params: [:], result: ["openrpc": "1.3.2"]), batchOrder: .together
        ) { _, _ throws(RPCError) in document }
    }
}
