import HTTPClient
import Models
import TestKit

/// A shop of its own for one test: a schema, two events, an open inlet, a look-up and an action, whose names and
/// people end in the test's tag.
struct Shop {
    let suite: SojournSuite
    let tag: String
    /// The inlet's part of its address.
    let inlet: String

    var placed: String { "placed_\(tag)" }
    var delivered: String { "delivered_\(tag)" }
    var action: String { "sms_\(tag)" }
    var source: String { "loyalty_\(tag)" }
    /// Where the third parties are asked by this shop.
    var smsPath: String { "/sms/\(tag)" }
    var loyaltyPath: String { "/loyalty/\(tag)" }

    /// - Parameter kinds: of the documents that are applied, where the suite does not run every service; nil: all.
    static func open(_ suite: SojournSuite, _ tag: String, only kinds: Set<String>? = nil) async throws -> Shop {
        let draft = Shop(suite: suite, tag: tag, inlet: "")
        let documents = draft.documents.filter { document in
            kinds.map { kinds in document.objectValue?.keys.contains(where: kinds.contains) ?? false } ?? true
        }
        try await suite.apply(documents)
        let inlet = try await suite.call(.eventIngestion, "inlets.get", ["name": .string("web_\(tag)")])
        return Shop(suite: suite, tag: tag, inlet: inlet["id"]?.stringValue ?? "")
    }

    /// The configuration as it is applied.
    var documents: [JSONValue] {
        [
            ["schema": ["name": .string("order_\(tag)"), "schema": Self.schema]],
            ["event": event(placed, kind: "order")], ["event": event(delivered, kind: "parcel")],
            [
                "inlet": [
                    "name": .string("web_\(tag)"), "authentication": "none",
                    "events": [.string(placed), .string(delivered)], "rateLimit": 0,
                ]
            ],
            ["dataSource": sourceDefinition], ["action": actionDefinition],
        ]
    }

    private static let schema: JSONValue = [
        "type": "object", "required": ["_id", "eventType", "customer", "order"],
        "properties": [
            "_id": ["type": "string", "minLength": 1], "eventType": ["type": "string"],
            "customer": ["type": "object", "required": ["id"], "properties": ["id": ["type": "string"]]],
            "order": [
                "type": "object", "required": ["id"],
                "properties": [
                    "id": ["type": "string"], "total": ["type": "number", "minimum": 0], "note": ["type": "string"],
                ],
            ],
        ],
    ]

    private func event(_ name: String, kind: String) -> JSONValue {
        [
            "name": .string(name), "schema": .string("order_\(tag)"), "type": "rule",
            "rule": .string("@event{\(name).eventType} == \"\(tag).\(kind)\""), "namespace": "crmId",
            "key": .string("@event{\(name).customer.id}"),
        ]
    }

    var sourceDefinition: JSONValue {
        [
            "name": .string(source), "authentication": ["type": "none"],
            "groups": [
                [
                    "name": "account", "method": "GET", "parameters": ["memberId"],
                    "url": .string("\(suite.partners.url)\(loyaltyPath)/{memberId}"),
                    "sample": ["tier": "gold", "points": 120], "cache": "PT1M", "timeout": "PT2S",
                ]
            ],
        ]
    }

    var actionDefinition: JSONValue {
        [
            "name": .string(action), "method": "POST", "url": .string(suite.partners.url + smsPath),
            "authentication": ["type": "none"],
            "parameters": [
                ["name": "to", "type": "string", "required": true], ["name": "text", "type": "string"],
            ],
            "body": ["to": ["param": "to"], "text": ["param": "text"]], "response": ["id": "m-1"], "retries": 2,
        ]
    }

    /// An order's event, or with `delivered` its parcel's.
    func event(
        _ person: String, order: String = "1", total: Double = 10, id: String, delivered: Bool = false,
        note: String? = nil
    ) -> JSONValue {
        var order: JSONObject = ["id": .string(order), "total": .decimal(total)]
        if let note { order["note"] = .string(note) }
        return [
            "_id": .string("\(tag)-\(id)"), "eventType": .string("\(tag).\(delivered ? "parcel" : "order")"),
            "customer": ["id": .string("\(tag)-\(person)")], "order": .object(order),
        ]
    }

    /// Sends it and gives the answer of `ingest.send`.
    @discardableResult
    func send(_ event: JSONValue) async throws -> JSONValue {
        try await suite.call(.eventIngestion, "ingest.send", ["event": event])
    }

    // MARK: Journeys

    /// Whether the member is gold, by a look-up; by default the customer of the order.
    func isGold(_ member: String? = nil) -> JSONValue {
        let id = member.map { "\"\($0)\"" } ?? "@event{\(placed).customer.id}"
        return .string("#{\(source).account.tier, params: {memberId: \(id)}} == \"gold\"")
    }

    /// A journey that begins with an order, whose other nodes are given.
    func journey(_ name: String, properties: JSONObject = [:], _ nodes: [JSONValue]) -> JSONValue {
        var all: JSONObject = ["timezone": "UTC", "reentrance": ["allowed": true, "after": "PT0S"]]
        all.merge(properties)
        let entry: JSONValue = [
            "id": "entry", "type": "event", "event": .string(placed), "next": nodes.first?["id"] ?? .null,
        ]
        return ["name": .string("\(name)_\(tag)"), "properties": .object(all), "nodes": .array([entry] + nodes)]
    }

    /// Makes and publishes it; gives its name.
    @discardableResult
    func publish(_ journey: JSONValue) async throws -> String {
        try await suite.call(.journeyExecution, "journeys.create", journey)
        let name = journey["name"]?.stringValue ?? ""
        try await suite.call(.journeyExecution, "journeys.publish", ["name": .string(name)])
        return name
    }

    /// A node that sends a text by the shop's action.
    func say(_ id: String, _ text: String, next: String? = nil, onError: String? = nil) -> JSONValue {
        var node: JSONObject = [
            "id": .string(id), "type": "action", "action": .string(action),
            "parameters": ["to": .string("@event{\(placed).customer.id}"), "text": .string("\"\(text)\"")],
        ]
        if let next { node["next"] = .string(next) }
        if let onError { node["onError"] = ["next": .string(onError)] }
        return .object(node)
    }

    /// The texts that the third party got for the person, in order.
    func texts(_ person: String) -> [String] {
        suite.partners.bodies(smsPath).filter { $0["to"] == .string("\(tag)-\(person)") }
            .compactMap { $0["text"]?.stringValue }
    }

    // MARK: What happened

    /// The step events of a person, in order.
    func steps(_ person: String, journey: String? = nil) async throws -> [JSONValue] {
        var filter: JSONObject = ["namespace": "crmId", "profile": .string("\(tag)-\(person)")]
        if let journey { filter["journey"] = .string(journey) }
        return try await suite.all(.journeyReporting, "stepEvents.query", filter: .object(filter))
    }

    /// Waits until the person has left so often, and gives the statuses.
    @discardableResult
    func statuses(
        _ person: String, count: Int = 1, journey: String? = nil, within limit: Duration = .seconds(40)
    ) async throws -> [String] {
        var found: [String] = []
        try await eventually(within: limit, "\(person) left \(count) times") {
            found = try await steps(person, journey: journey).filter { $0["kind"] == "left" }
                .compactMap { $0["status"]?.stringValue }
            return found.count >= count
        }
        return found
    }

    /// Waits until the person stands at the node, and gives the instance.
    @discardableResult
    func waiting(_ person: String, at node: String, within limit: Duration = .seconds(40)) async throws -> JSONValue {
        var found: JSONValue?
        try await eventually(within: limit, "\(person) waits at \(node)") {
            found = try await instances(person).first { $0["node"] == .string(node) }
            return found != nil
        }
        return found ?? .null
    }

    func instances(_ person: String) async throws -> [JSONValue] {
        let filter: JSONValue = ["namespace": "crmId", "profile": .string("\(tag)-\(person)")]
        return try await suite.all(.journeyExecution, "instances.list", filter: filter)
    }
}
