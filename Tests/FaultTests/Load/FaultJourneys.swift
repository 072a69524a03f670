import Models

/// The definitions of a fault run: one journey that waits and acts, one that looks something up before.
enum FaultJourneys {
    /// What both journeys wait, at the node `pause`.
    static let waitMilliseconds: Int64 = 500

    static let checker = HistoryChecker(leastWait: ("pause", waitMilliseconds), actionNodes: ["send"])

    /// Names of the journeys; each has one version.
    static let names = ["orders", "parcels"]

    /// Method, service and params, in the order in which they are called. The inlet comes last.
    static func calls(thirdParty url: String) -> [(service: String, method: String, params: JSONValue)] {
        var calls: [(service: String, method: String, params: JSONValue)] = [
            ("event-ingestion", "schemas.create", schema),
            ("data-source-fetching", "dataSources.create", stock(url)),
            ("action-dispatch", "actions.create", shop(url)),
        ]
        for event in ["order", "parcel"] { calls.append(("event-ingestion", "events.create", self.event(event))) }
        calls += [
            ("journey-execution", "journeys.create", orders),
            ("journey-execution", "journeys.create", parcels),
        ]
        for name in names { calls.append(("journey-execution", "journeys.publish", ["name": .string(name)])) }
        calls.append(("event-ingestion", "inlets.create", ["name": "load", "authentication": "none", "rateLimit": 0]))
        return calls
    }

    private static let schema: JSONValue = [
        "name": "order", "kind": "event",
        "schema": [
            "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
            "required": ["_id", "eventType", "customer", "order"],
            "properties": [
                "_id": ["type": "string"], "timestamp": ["type": "string"], "eventType": ["type": "string"],
                "customer": ["type": "object", "required": ["id"], "properties": ["id": ["type": "string"]]],
                "order": ["type": "object", "required": ["id"], "properties": ["id": ["type": "string"]]],
            ],
        ],
    ]

    private static func event(_ name: String) -> JSONValue {
        [
            "name": .string(name), "schema": "order", "type": "rule",
            "rule": .string("@event{\(name).eventType} == \"\(name)\""), "namespace": "crmId",
            "key": .string("@event{\(name).customer.id}"), "fields": ["customer.id", "order"],
            "keepInProfile": true,
        ]
    }

    private static func stock(_ url: String) -> JSONValue {
        [
            "name": "stock", "authentication": ["type": "none"],
            "groups": [
                [
                    "name": "item", "method": "GET", "url": .string(url + "/items/{item}"), "parameters": ["item"],
                    "sample": ["level": "high"], "timeout": "PT5S",
                ]
            ],
        ]
    }

    private static func shop(_ url: String) -> JSONValue {
        [
            "name": "shop", "method": "POST", "url": .string(url + "/orders"), "authentication": ["type": "none"],
            "parameters": [
                ["name": "customer", "type": "string", "required": true],
                ["name": "order", "type": "string", "required": true],
            ],
            "body": ["customer": ["param": "customer"], "order": ["param": "order"]],
            "response": ["status": "queued"], "retries": 10, "timeout": "PT2M",
        ]
    }

    private static func properties(_ event: String) -> JSONValue {
        [
            "timezone": "UTC", "instanceKey": .string("@event{\(event).order.id}"),
            "reentrance": ["allowed": true, "after": "PT0S"], "timeout": "PT30S",
        ]
    }

    private static func send(_ event: String) -> JSONValue {
        [
            "id": "send", "type": "action", "action": "shop",
            "parameters": [
                "customer": .string("@event{\(event).customer.id}"), "order": .string("@event{\(event).order.id}"),
            ], "next": "done",
        ]
    }

    private static let orders: JSONValue = [
        "name": "orders", "properties": properties("order"),
        "nodes": [
            ["id": "entry", "type": "event", "event": "order", "next": "pause"],
            ["id": "pause", "type": "wait", "for": "PT0.5S", "next": "send"], send("order"),
            ["id": "done", "type": "end"],
        ],
    ]

    private static let parcels: JSONValue = [
        "name": "parcels", "properties": properties("parcel"),
        "nodes": [
            ["id": "entry", "type": "event", "event": "parcel", "next": "level"],
            [
                "id": "level", "type": "condition",
                "paths": [
                    [
                        "label": "high",
                        "when": "#{stock.item.level, params: {item: @event{parcel.order.id}}} == \"high\"",
                        "next": "pause",
                    ]
                ], "otherwise": ["next": "pause"], "onError": ["next": "pause"],
            ],
            ["id": "pause", "type": "wait", "for": "PT0.5S", "next": "send"], send("parcel"),
            ["id": "done", "type": "end"],
        ],
    ]
}
