import Engine
import Foundation
import Models
import Testing

@Suite("The page about journeys")
struct JourneyDocumentationTests {
    /// The examples of `deploy/docs/journeys.md`, by their names.
    static let examples: [(name: String, document: JSONObject)] = {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../deploy/docs/journeys.md").standardizedFileURL.path
        let page = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return page.components(separatedBy: "```json\n").dropFirst().compactMap { part in
            let text = part.components(separatedBy: "\n```").first ?? ""
            guard let document = (try? JSONValue.parse(text))?.objectValue else { return nil }
            return (document["name"]?.stringValue ?? "", document)
        }
    }()

    private static func object(_ text: String) throws -> JSONObject {
        try #require(try JSONValue.parse(text).objectValue)
    }

    private static func catalogue() throws -> Catalogue {
        let schema = try SchemaDefinition(
            object(
                #"""
                {"name": "order", "schema": {"type": "object", "properties": {
                  "_id": {"type": "string"}, "price": {"type": "number"},
                  "customer": {"type": "object", "properties": {"id": {"type": "string"}}},
                  "order": {"type": "object", "properties": {"id": {"type": "string"}, "total": {"type": "number"}}}}}}
                """#))
        let events = try ["orderPlaced", "parcelDelivered", "priceDropped"].map { name in
            var event = try object(#"{"schema": "order", "type": "rule", "rule": "true"}"#)
            event["name"] = .string(name)
            event["keepInProfile"] = .bool(name == "orderPlaced")
            if name == "priceDropped" {
                event["business"] = true
            } else {
                event["namespace"] = "crmId"
                event["key"] = .string("@event{\(name).customer.id}")
            }
            return try EventDefinition(event)
        }
        let source = try DataSourceDefinition(
            object(
                #"""
                {"name": "loyalty", "authentication": {"type": "none"}, "groups": [{"name": "account", "method": "GET",
                  "url": "https://loyalty.example/{memberId}", "parameters": ["memberId"], "sample": {"tier": "gold"}}]}
                """#))
        let action = try ActionDefinition(
            object(
                #"""
                {"name": "smsGateway", "method": "POST", "url": "https://sms.example", "authentication": {"type": "none"},
                 "parameters": [{"name": "to", "type": "string"}, {"name": "text", "type": "string"}],
                 "body": {"to": {"param": "to"}}, "response": {"id": "m-1"}}
                """#))
        return Catalogue(
            schemas: [schema], events: events, dataSources: [source], actions: [action],
            audiences: ["goldCustomers"],
            journeys: [
                JourneyFacts(
                    JourneyDocument(
                        try object(
                            #"""
                            {"name": "winBack", "nodes": [{"id": "in", "type": "event", "event": "orderPlaced"}]}
                            """#)), isLive: true)
            ])
    }

    @Test("There is an example of every type of node, and each is JSON")
    func complete() throws {
        #expect(Self.examples.count == 14)
        let types = Set(
            Self.examples.flatMap { $0.document["nodes"]?.arrayValue ?? [] }.compactMap { $0["type"]?.stringValue })
        let all = [
            "event", "businessEvent", "audience", "readAudience", "reaction", "condition", "wait", "action", "email",
            "updateProfile", "jump", "end",
        ]
        #expect(types.isSuperset(of: all), "\(Set(all).subtracting(types))")
    }

    @Test("Every example can be published", arguments: examples.map(\.name))
    func compiles(name: String) throws {
        let document = try #require(Self.examples.first { $0.name == name }?.document)
        let compilation = Plan.compile(JourneyDocument(document), version: 1, catalogue: try Self.catalogue())
        let errors = compilation.findings.filter { $0.severity == .error }
        #expect(errors.isEmpty && compilation.plan != nil, "\(errors.map(\.json.text))")
    }
}
