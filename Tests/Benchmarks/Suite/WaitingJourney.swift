import Foundation
import Models

/// The journey in which people wait until an instant that their event names.
enum WaitingJourney {
    static let name = "patience"

    static let schema: JSONValue = [
        "name": "wait", "kind": "event",
        "schema": [
            "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
            "required": ["_id", "timestamp", "eventType", "customer", "until"],
            "properties": [
                "_id": ["type": "string"], "timestamp": ["type": "string", "format": "date-time"],
                "eventType": ["type": "string"], "until": ["type": "string", "format": "date-time"],
                "customer": ["type": "object", "required": ["id"], "properties": ["id": ["type": "string"]]],
            ],
        ],
    ]

    static let eventDefinition: JSONValue = [
        "name": "waitAsked", "schema": "wait", "type": "rule",
        "rule": #"@event{waitAsked.eventType} == "wait.asked""#, "namespace": .string(StandardJourney.namespace),
        "key": "@event{waitAsked.customer.id}", "fields": ["customer.id", "until"],
    ]

    static let inlet: JSONValue = [
        "name": "waits", "authentication": "none", "events": ["waitAsked"], "rateLimit": 0,
    ]

    static let journey: JSONObject = [
        "name": .string(name),
        "nodes": [
            ["id": "asked", "type": "event", "event": "waitAsked", "next": "rest"],
            ["id": "rest", "type": "wait", "until": "@event{waitAsked.until}", "next": "end"],
            ["id": "end", "type": "end"],
        ],
    ]

    /// - Parameter until: ISO 8601, as all events of one run have it.
    static func eventBody(person: Int, run: String, until: String) -> [UInt8] {
        JSONValue.object([
            "_id": .string("\(run)-w\(person)"), "timestamp": "2026-01-01T10:00:00.000Z", "eventType": "wait.asked",
            "customer": ["id": .string("\(100_000_000 + person)")], "until": .string(until),
        ]).bytes
    }

    static func iso(_ instant: Date) -> String {
        instant.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
