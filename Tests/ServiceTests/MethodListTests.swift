import HTTPClient
import Models
import TestKit
import Testing

extension SharedSuite {
    @Suite("The methods of every service")
    struct MethodListTests {
        private let suite: SojournSuite

        init() throws { suite = try RunningSuite.current }

        private static let common = [
            "rpc.discover", "rpc.ping", "service.status", "queues.list", "queues.peek", "queues.find",
        ]
        private static func family(_ name: String) -> [String] {
            ["create", "get", "list", "update", "delete", "usedIn"].map { "\(name).\($0)" }
        }
        private static let configuration = ["config.export", "config.apply"]

        static let expected: [(SuiteService, [String])] = [
            (
                .eventIngestion,
                configuration + family("schemas") + family("events") + family("inlets") + [
                    "schemas.infer", "events.preview", "inlets.rotateKey", "ingest.send", "ingest.sendBatch",
                    "rejected.list", "rejected.get", "rejected.replay", "rejected.discard",
                ]
            ),
            (
                .dataSourceFetching,
                configuration + family("dataSources") + family("audiences") + [
                    "dataSources.test", "dataSources.testAuthentication", "audiences.members", "audiences.evaluate",
                    "profiles.upsert", "profiles.get", "profiles.list", "profiles.events", "fetch.now",
                ]
            ),
            (
                .journeyExecution,
                configuration + family("journeys") + [
                    "journeys.validate", "journeys.publish", "journeys.newVersion", "journeys.versions",
                    "journeys.duplicate", "journeys.close", "journeys.stop", "journeys.diff", "journeys.export",
                    "journeys.import", "journeys.pause", "journeys.resume", "journeys.runs", "instances.move",
                    "instances.moveStatus", "instances.list", "instances.get", "instances.end", "instances.history",
                    "instances.replay", "simulate.run",
                    "trace.event", "trace.person", "test.start", "test.trigger", "test.advance", "test.log",
                    "test.stop",
                    "dryRun.start", "dryRun.log", "dryRun.stop",
                    "expressions.check", "expressions.evaluate", "expressions.functions",
                    "expressions.complete", "expressions.toRows", "expressions.fromRows",
                ]
            ),
            (
                .actionDispatch,
                configuration + family("actions") + [
                    "actions.test", "deadLetters.list", "deadLetters.get", "deadLetters.retry", "deadLetters.discard",
                ]
            ),
            (
                .journeyReporting,
                configuration + family("alerts") + [
                    "stepEvents.query", "stepEvents.export", "reports.journey", "reports.live", "alerts.history",
                    "alerts.test",
                ]
            ),
            (
                .console,
                [
                    "session.login", "session.logout", "session.whoami", "keys.create", "keys.list", "keys.delete",
                    "audit.list",
                ]
            ),
        ]

        @Test("Each service has its methods and describes them by a valid document", arguments: expected)
        func discovered(service: SuiteService, expected: [String]) async throws {
            let document = try await suite.call(service, "rpc.discover")
            #expect(document["openrpc"]?.stringValue?.hasPrefix("1.3") == true)
            #expect(document["info"]?["title"] != nil && document["info"]?["version"] != nil)
            let methods = document["methods"]?.arrayValue ?? []
            let names = methods.compactMap { $0["name"]?.stringValue }
            #expect(Set(names).count == names.count)
            let missing = (expected + Self.common).filter { !names.contains($0) }
            #expect(missing == [])
            for method in methods {
                let name = method["name"]?.stringValue ?? ""
                #expect(method["summary"]?.stringValue?.isEmpty == false, "\(name)")
                #expect(method["params"]?.arrayValue != nil && method["result"]?["schema"] != nil, "\(name)")
                let examples = method["examples"]?.arrayValue ?? []
                #expect(!examples.isEmpty, "\(name)")
                let declared = Set((method["params"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue })
                let given = examples.flatMap { $0["params"]?.arrayValue ?? [] }.compactMap { $0["name"]?.stringValue }
                #expect(Set(given).isSubset(of: declared), "\(name)")
            }
        }

        @Test("No method answers as one that is not there or not built", arguments: expected)
        func answered(service: SuiteService, _: [String]) async throws {
            let document = try await suite.call(service, "rpc.discover")
            for name in (document["methods"]?.arrayValue ?? []).compactMap({ $0["name"]?.stringValue }) {
                do {
                    // Without params most are refused, which shows that somebody looks at them.
                    try await suite.call(service, name, ["noSuchParameter": true])
                } catch let failure as SuiteRPCFailure {
                    #expect(![-32601, -32603].contains(failure.code), "\(failure)")
                    #expect(failure.message.lowercased().contains("implemented") == false)
                }
            }
        }

        @Test("Health, metrics and version are there", arguments: SuiteService.six)
        func health(service: SuiteService) async throws {
            for path in ["/health/live", "/health/ready"] {
                #expect(try await suite.send(service, path, .get).status == 200)
            }
            #expect(try await suite.send(service, "/metrics", .get).status == 401)
            let metrics = try await suite.send(service, "/metrics", .get, bearer: suite.adminKey)
            #expect(metrics.status == 200 && !metrics.body.isEmpty)
            let version = try await suite.send(service, "/version", .get, bearer: suite.adminKey)
            #expect(version.status == 200)
            let open = try await suite.send(
                service, "/rpc", body: Array(#"{"jsonrpc":"2.0","id":1,"method":"rpc.ping"}"#.utf8),
                headers: ["Content-Type": "application/json"])
            #expect(open.status == 401)
        }
    }
}
