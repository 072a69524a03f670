import Foundation
import Models
import TestKit
import Testing

@Suite("Configuration as documents")
struct ConfigurationTests {
    private static let services: [SuiteService] = [
        .eventIngestion, .dataSourceFetching, .actionDispatch, .journeyExecution,
    ]

    @Test("What one suite exports another takes, and the second time nothing changes; a dry run writes nothing")
    func exchange() async throws {
        let first = try await SojournSuite.start(SuiteSettings(services: Self.services))
        try await first.apply(folder: first.examples, partnersPort: first.partners.port)
        var documents: [JSONValue] = []
        for service in Self.services {
            documents += try await first.call(service, "config.export")["documents"]?.arrayValue ?? []
        }
        await first.close()
        #expect(!JSONValue.array(documents).text.contains("demo-key"))

        let second = try await SojournSuite.start(SuiteSettings(services: Self.services))
        // Secrets are not exported: who takes the documents adds them.
        documents = documents.map(Self.withSecret)
        let tried = try await second.call(
            .eventIngestion, "config.apply",
            ["documents": .array(documents.filter { $0["schema"] != nil || $0["event"] != nil }), "dryRun": true])
        #expect(tried["results"]?.arrayValue?.allSatisfy { $0["result"] == "created" } == true, "\(tried.text)")
        #expect(try await second.all(.eventIngestion, "schemas.list").isEmpty)
        #expect(try await second.all(.eventIngestion, "events.list").isEmpty)

        let applied = try await second.apply(documents)
        #expect(applied.allSatisfy { $0["result"] == "created" }, "\(JSONValue.array(applied).text)")
        let again = try await second.apply(documents)
        #expect(again.allSatisfy { $0["result"] == "unchanged" }, "\(JSONValue.array(again).text)")
        let journey = try await second.call(.journeyExecution, "journeys.get", ["name": "orderFollowUp"])
        #expect(journey["state"] == "live" && journey["version"] == 1)
        await second.close()
    }

    private static func withSecret(_ document: JSONValue) -> JSONValue {
        guard var outer = document.objectValue, var source = outer["dataSource"]?.objectValue,
            var authentication = source["authentication"]?.objectValue, authentication["type"] == "apiKey"
        else { return document }
        authentication["value"] = "demo-key"
        source["authentication"] = .object(authentication)
        outer["dataSource"] = .object(source)
        outer["secrets"] = nil
        return .object(outer)
    }

    @Test("A document that is wrong is refused with its problems and spares the others")
    func refused() async throws {
        let suite = try await SojournSuite.start(SuiteSettings(services: [.eventIngestion]))
        let answer = try await suite.call(
            .eventIngestion, "config.apply",
            [
                "documents": [
                    ["schema": ["name": "good", "schema": ["type": "object"]]],
                    ["schema": ["name": "bad", "schema": ["type": 7]]], ["unknown": [:]],
                    ["event": ["name": "lost", "schema": "nowhere", "namespace": "n", "key": "1"]],
                ]
            ])
        let results = answer["results"]?.arrayValue ?? []
        #expect(results.map { $0["result"] } == ["created", "failed", "failed", "failed"])
        for result in results.dropFirst() { #expect(result["problems"]?.arrayValue?.isEmpty == false) }
        #expect(try await suite.all(.eventIngestion, "schemas.list").map { $0["name"] } == ["good"])
        await suite.close()
    }
}
