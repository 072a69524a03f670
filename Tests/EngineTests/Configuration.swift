import Engine
import Expressions
import Models

/// The configuration that the tests' journeys name.
enum Configuration {
    static func document(_ text: String) -> JSONObject {
        guard let value = try? JSONValue.parse(text), let object = value.objectValue else {
            preconditionFailure("the test's document is not a JSON object: \(text)")
        }
        return object
    }

    static let catalogue: Catalogue = {
        do {
            return Catalogue(
                schemas: try schemas(), events: try events(), dataSources: try sources(), actions: try actions(),
                audiences: ["gold", "silver"], journeys: journeys())
        } catch {
            preconditionFailure("\(error)")
        }
    }()

    /// Journeys that others jump to.
    private static func journeys() -> [JourneyFacts] {
        let entry = #"{"id": "in", "type": "event", "event": "orderPlaced"}"#
        let jumping =
            #"{"id": "in", "type": "event", "event": "orderPlaced", "next": "j"}, {"id": "j", "type": "jump", "journey": "welcome"}"#
        return [
            JourneyFacts(journey(entry, name: "other"), isLive: true),
            JourneyFacts(journey(entry, name: "draftOnly"), isLive: false),
            JourneyFacts(journey(jumping, name: "leadsBack"), isLive: true),
            JourneyFacts(
                journey(#"{"id": "in", "type": "audience", "audience": "gold"}"#, name: "byAudience"), isLive: true),
        ]
    }

    private static func schemas() throws -> [SchemaDefinition] {
        [
            try SchemaDefinition(
                document(
                    """
                    {"name": "order", "kind": "event", "schema": {"type": "object", "required": ["_id", "eventType"], "properties": {
                      "_id": {"type": "string"}, "eventType": {"type": "string"}, "at": {"type": "string", "format": "date-time"},
                      "customer": {"type": "object", "properties": {"id": {"type": "string"}}},
                      "order": {"type": "object", "properties": {"id": {"type": "string"}, "total": {"type": "number"}, "city": {"type": "string"}}},
                      "items": {"type": "array", "items": {"type": "object", "properties": {"sku": {"type": "string"}, "price": {"type": "number"}}}}}}}
                    """))
        ]
    }

    /// Where there are these journeys, each entered by an event.
    static func catalogue(journeys names: [String]) -> Catalogue {
        do {
            return Catalogue(
                schemas: try schemas(), events: try events(), dataSources: try sources(), actions: try actions(),
                audiences: ["gold", "silver"],
                journeys: names.map {
                    JourneyFacts(
                        journey(#"{"id": "in", "type": "event", "event": "orderPlaced"}"#, name: $0), isLive: true)
                })
        } catch {
            preconditionFailure("\(error)")
        }
    }

    /// With a profile that has these fields and no others.
    static func catalogue(profile: String) -> Catalogue {
        do {
            let schema = try SchemaDefinition(
                document("{\"name\": \"person\", \"kind\": \"profile\", \"schema\": \(profile)}"))
            return Catalogue(
                schemas: try schemas() + [schema], events: try events(), dataSources: try sources(),
                actions: try actions(), audiences: ["gold", "silver"], journeys: journeys())
        } catch {
            preconditionFailure("\(error)")
        }
    }

    private static func events() throws -> [EventDefinition] {
        var events: [EventDefinition] = []
        for name in ["orderPlaced", "delivered", "cancelled", "clicked"] {
            let isKept = name == "orderPlaced" || name == "delivered"
            events.append(
                try EventDefinition(
                    document(
                        """
                        {"name": "\(name)", "schema": "order", "type": "rule", "rule": "true", "namespace": "crmId",
                         "key": "@event{\(name).customer.id}", "fields": ["order", "items", "at"],
                         "keepInProfile": \(isKept)}
                        """)))
        }
        events.append(
            try EventDefinition(
                document(
                    """
                    {"name": "deviceSeen", "schema": "order", "type": "rule", "rule": "true", "namespace": "ecid", "key": "'1'"}
                    """)))
        events.append(
            try EventDefinition(
                document(
                    "{\"name\": \"priceDropped\", \"schema\": \"order\", \"type\": \"rule\", \"rule\": \"true\", \"business\": true}"
                )))
        return events
    }

    private static func sources() throws -> [DataSourceDefinition] {
        [
            try DataSourceDefinition(
                document(
                    """
                    {"name": "loyalty", "groups": [{"name": "account", "url": "https://loyalty.example/{memberId}", "parameters": ["memberId"],
                     "sample": {"tier": "gold", "points": 120, "city": "Paris"}}]}
                    """)),
            try DataSourceDefinition(
                document(
                    """
                    {"name": "weather", "groups": [{"name": "now", "url": "https://weather.example/{city}", "parameters": ["city"],
                     "sample": {"sky": "rain", "degrees": 12.5}}]}
                    """)),
        ]
    }

    private static func actions() throws -> [ActionDefinition] {
        [
            try ActionDefinition(
                document(
                    """
                    {"name": "sms", "method": "POST", "url": "https://sms.example/send", "revision": 7,
                     "parameters": [{"name": "to", "type": "string", "required": true}, {"name": "text", "type": "string"},
                       {"name": "count", "type": "integer"}, {"name": "note", "type": "string", "allowNull": true}],
                     "response": {"id": "m-1", "cost": 2}, "errorResponse": {"reason": "full"}}
                    """)),
            try ActionDefinition(
                document("{\"name\": \"ping\", \"method\": \"GET\", \"url\": \"https://ping.example/\"}")),
        ]
    }
}

/// A journey with these nodes and properties.
func journey(_ nodes: String, properties: String = "{}", name: String = "welcome") -> JourneyDocument {
    JourneyDocument(
        Configuration.document("{\"name\": \"\(name)\", \"properties\": \(properties), \"nodes\": [\(nodes)]}"))
}

/// The plan of a journey that must be free of errors.
func plan(
    _ nodes: String, properties: String = "{}", name: String = "welcome", version: Int64 = 1
) -> Plan {
    let compilation = Plan.compile(
        journey(nodes, properties: properties, name: name), version: version, catalogue: Configuration.catalogue)
    guard let plan = compilation.plan else {
        preconditionFailure("the test's journey is wrong: \(compilation.findings.map(\.json.text))")
    }
    return plan
}
