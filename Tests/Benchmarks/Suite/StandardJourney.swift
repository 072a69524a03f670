import Models

/// The journey that every figure of the suite is about: an event comes in, the person's profile decides, an HTTP call
/// goes out.
enum StandardJourney {
    static let condition = ##"#{profile.tier} == "gold""##
    static let namespace = "crmId"

    static func identity(_ person: Int) -> String { "\(1_000_000 + person)" }

    static func attributes(person: Int) -> JSONObject {
        [
            "firstName": "Ada", "lastName": "Lovelace", "phone": .string("+33 1 \(1_000_000 + person)"),
            "email": .string("ada.\(person)@example.com"), "city": "Paris", "timeZone": "Europe/Paris",
            "tier": "gold", "points": 1_240, "consents": ["sms": true, "push": true],
        ]
    }

    /// An order of about 600 bytes. `run` tells the events of one run from those of another.
    static func event(person: Int, run: String) -> JSONValue {
        [
            "_id": .string("\(run)-\(person)"), "timestamp": "2026-01-01T10:00:00.000Z",
            "eventType": "commerce.orderPlaced", "customer": ["id": .string(identity(person))],
            "order": [
                "id": .string("o-\(person)"), "currency": "EUR", "total": 129.9, "city": "Paris",
                "items": [
                    ["sku": "SKU-10442", "name": "Walking shoes, waterproof", "quantity": 1, "price": 89.9],
                    ["sku": "SKU-20817", "name": "Merino socks, three pairs", "quantity": 2, "price": 20],
                ],
                "delivery": ["method": "standard", "street": "12 rue de la Paix", "postalCode": "75002"],
            ],
            "channel": "web",
            "session": ["id": "5f0c2b9e-8d7a-4c11-9a55-3f2b7d1e6a90", "referrer": "https://shop.example/shoes"],
        ]
    }

    static func eventBody(person: Int, run: String) -> [UInt8] { event(person: person, run: run).bytes }

    static let schema: JSONValue = [
        "name": "order", "kind": "event",
        "schema": [
            "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
            "required": ["_id", "timestamp", "eventType", "customer", "order"],
            "properties": [
                "_id": ["type": "string", "minLength": 1, "maxLength": 128],
                "timestamp": ["type": "string", "format": "date-time"],
                "eventType": ["type": "string"],
                "customer": ["type": "object", "required": ["id"], "properties": ["id": ["type": "string"]]],
                "order": [
                    "type": "object", "required": ["id", "total"],
                    "properties": [
                        "id": ["type": "string"], "city": ["type": "string"],
                        "total": ["type": "number", "minimum": 0],
                        "currency": ["type": "string", "enum": ["EUR", "USD", "KRW"]],
                        "items": [
                            "type": "array",
                            "items": [
                                "type": "object",
                                "properties": [
                                    "sku": ["type": "string"], "name": ["type": "string"],
                                    "quantity": ["type": "integer", "minimum": 1], "price": ["type": "number"],
                                ],
                            ],
                        ],
                    ],
                ],
            ],
        ],
    ]

    static let eventDefinition: JSONValue = [
        "name": "orderPlaced", "schema": "order", "type": "rule",
        "rule": #"@event{orderPlaced.eventType} == "commerce.orderPlaced""#, "namespace": .string(namespace),
        "key": "@event{orderPlaced.customer.id}", "fields": ["customer.id", "order"],
    ]

    static let inlet: JSONValue = [
        "name": "shop", "authentication": "none", "events": ["orderPlaced"], "rateLimit": 0,
    ]

    static func action(url: String) -> JSONObject {
        [
            "name": "gateway", "method": "POST", "url": .string(url), "authentication": ["type": "none"],
            "parameters": [
                ["name": "to", "type": "string", "required": true],
                ["name": "text", "type": "string", "required": true],
                ["name": "order", "type": "string", "required": true],
            ],
            "body": [
                "order": ["param": "order"], "to": ["param": "to"], "message": ["body": ["param": "text"]],
            ],
            "retries": 3,
        ]
    }

    static func journey(
        name: String = "thanks", filter: String? = nil, condition: String = condition
    ) -> JSONObject {
        var entry: JSONObject = ["id": "placed", "type": "event", "event": "orderPlaced", "next": "tier"]
        if let filter { entry["filter"] = .string(filter) }
        return [
            "name": .string(name), "properties": ["reentrance": ["allowed": true, "after": "PT0S"]],
            "nodes": [
                .object(entry),
                [
                    "id": "tier", "type": "condition",
                    "paths": [["label": "gold", "when": .string(condition), "next": "thank"]],
                    "otherwise": ["next": "end"],
                ],
                [
                    "id": "thank", "type": "action", "action": "gateway",
                    "parameters": [
                        "to": "#{profile.phone}", "text": #"concat("Thank you, ", #{profile.firstName})"#,
                        "order": "@event{orderPlaced.order.id}",
                    ],
                    "next": "end",
                ],
                ["id": "end", "type": "end"],
            ],
        ]
    }
}
