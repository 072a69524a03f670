import HTTPClient
import Models
import TestKit
import Testing

extension SharedSuite {
    @Suite("Who may do what")
    struct AccessTests {
        private let suite: SojournSuite

        init() throws { suite = try RunningSuite.current }

        private func made(_ name: String, _ scope: String) async throws -> String {
            let answer = try await suite.call(
                .console, "keys.create", ["name": .string(name), "scopes": [.string(scope)]])
            return try #require(answer["key"]?.stringValue)
        }

        /// The code that the call is refused with; 0 when it is not.
        private func code(
            _ service: SuiteService, _ method: String, _ params: JSONValue, key: String
        ) async throws -> Int64 {
            do {
                try await suite.call(service, method, params, key: key)
                return 0
            } catch let failure as SuiteRPCFailure {
                return failure.code
            }
        }

        @Test("A key counts in every service with its scope alone, until it is deleted")
        func scopes() async throws {
            let reader = try await made("reader_access", "read")
            let designer = try await made("designer_access", "design")
            let sender = try await made("sender_access", "ingest")
            for service in SuiteService.six {
                try await eventually("\(service.rawValue) knows the key") {
                    try await code(service, "service.status", [:], key: reader) == 0
                }
                try await eventually("\(service.rawValue) knows the second key") {
                    try await code(service, "service.status", [:], key: designer) == 0
                }
                try await eventually("\(service.rawValue) knows the third key") {
                    try await code(service, "rpc.ping", [:], key: sender) == 0
                }
                #expect(try await code(service, "service.status", [:], key: sender) == -32003)
                #expect(try await code(service, "rpc.ping", [:], key: "sk_wrong") == -32001)
            }
            let journey: JSONValue = ["name": "draft_access"]
            let event: JSONValue = ["event": ["eventType": "nobody"]]
            #expect(try await code(.journeyExecution, "journeys.create", journey, key: reader) == -32003)
            #expect(try await code(.journeyExecution, "journeys.create", journey, key: sender) == -32003)
            #expect(try await code(.journeyExecution, "journeys.create", journey, key: designer) == 0)
            #expect(try await code(.actionDispatch, "actions.create", ["name": "x"], key: designer) == -32003)
            #expect(try await code(.eventIngestion, "ingest.send", event, key: reader) == -32003)
            #expect(try await code(.eventIngestion, "ingest.send", event, key: sender) == -32602)

            try await suite.call(.console, "keys.delete", ["name": "reader_access"])
            for service in SuiteService.six {
                try await eventually("\(service.rawValue) has forgotten the key") {
                    try await code(service, "service.status", [:], key: reader) == -32001
                }
            }
        }

        @Test("The console relays to every service, with the caller's own key", arguments: SuiteService.six)
        func relay(service: SuiteService) async throws {
            let body = Array(#"{"jsonrpc":"2.0","id":"x","method":"service.status"}"#.utf8)
            let json: HTTPHeaders = ["Content-Type": "application/json"]
            let path = "/relay/\(service.rawValue)"
            let answer = try await suite.send(.console, path, body: body, headers: json, bearer: suite.adminKey)
            #expect(answer.status == 200)
            #expect(answer.json["id"] == "x" && answer.json["result"]?["service"] == .string(service.rawValue))
            #expect(try await suite.send(.console, path, body: body, headers: json, bearer: "sk_wrong").status == 401)
        }

        @Test("What was changed, by whom, is in the audit of every service")
        func audit() async throws {
            let shop = try await Shop.open(suite, "audit")
            try await shop.publish(shop.journey("flow", [["id": "rest", "type": "wait", "for": "P1D"]]))
            let entries = try await suite.all(.console, "audit.list")
            for name in ["order_audit", shop.placed, "web_audit", shop.source, shop.action, "flow_audit"] {
                let entry = entries.first { $0.text.contains("\"\(name)\"") }
                #expect(entry != nil, "\(name)")
                #expect(entry?.text.contains("admin") == true)
            }
        }
    }
}
