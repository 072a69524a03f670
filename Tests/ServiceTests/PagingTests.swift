import HTTPClient
import Models
import TestKit
import Testing

extension SharedSuite {
    @Suite("Lists by pages")
    struct PagingTests {
        private let suite: SojournSuite

        init() throws { suite = try RunningSuite.current }

        /// Goes through a list page by page, and does something with each page before the next is asked for.
        private func items(
            _ service: SuiteService, _ method: String, _ params: JSONObject, limit: Int = 3,
            _ work: (JSONValue) async throws -> Void
        ) async throws -> [JSONValue] {
            var items: [JSONValue] = []
            var params = params
            params["limit"] = .integer(Int64(limit))
            repeat {
                let page = try await suite.call(service, method, .object(params))
                for item in page["items"]?.arrayValue ?? [] {
                    items.append(item)
                    try await work(item)
                }
                params["cursor"] = page["cursor"]
            } while params["cursor"] != nil && items.count < 1_000
            return items
        }

        // MARK: Lists that shrink

        @Test("Rejected events that are discarded on the way are all reached")
        func rejected() async throws {
            let shop = try await Shop.open(suite, "rejpage")
            for number in 0..<20 {
                let event: JSONValue = ["_id": .string("r\(number)"), "eventType": "rejpage.order", "customer": 5]
                #expect(try await suite.collect(shop.inlet, event).status == 400)
            }
            func mine(_ item: JSONValue) -> Bool { item["event"]?["eventType"] == "rejpage.order" }
            try await eventually("the rejected events are kept") {
                try await suite.all(.eventIngestion, "rejected.list").filter(mine).count == 20
            }
            let seen = try await items(.eventIngestion, "rejected.list", [:]) { item in
                guard mine(item) else { return }
                try await suite.call(.eventIngestion, "rejected.discard", ["id": item["id"] ?? .null])
            }
            #expect(Set(seen.filter(mine).compactMap { $0["event"]?["_id"]?.stringValue }).count == 20)
            #expect(try await suite.all(.eventIngestion, "rejected.list").filter(mine).isEmpty)
        }

        @Test("People who are led out on the way do not hide others")
        func instances() async throws {
            let shop = try await Shop.open(suite, "inspage")
            let name = try await shop.publish(shop.journey("flow", [["id": "rest", "type": "wait", "for": "P1D"]]))
            let events = (0..<20).map { shop.event("p\($0)", id: "\($0)") }
            try await suite.call(.eventIngestion, "ingest.sendBatch", ["events": .array(events)])
            for number in 0..<20 { try await shop.waiting("p\(number)", at: "rest") }
            let seen = try await items(.journeyExecution, "instances.list", ["filter": ["journey": .string(name)]]) {
                item in
                let person = item["profile"] ?? .null
                try await suite.call(
                    .journeyExecution, "instances.end",
                    ["id": item["id"] ?? .null, "namespace": "crmId", "profile": person])
                let text = person.stringValue?.replacing("inspage-", with: "") ?? ""
                try await eventually("the person has left") { try await shop.instances(text).isEmpty }
            }
            #expect(Set(seen.compactMap { $0["profile"]?.stringValue }).count == 20)
        }

        // MARK: Cursors that are none

        /// The methods of a service that take a cursor of a list.
        private func methods(_ service: SuiteService) async throws -> [(name: String, params: JSONObject)] {
            let document = try await suite.call(service, "rpc.discover")
            return (document["methods"]?.arrayValue ?? []).compactMap { method in
                let params = method["params"]?.arrayValue ?? []
                let turns = params.contains { $0["name"] == "cursor" && $0["schema"]?["type"] == "string" }
                guard turns, let name = method["name"]?.stringValue else { return nil }
                let example = method["examples"]?[0]?["params"]?.arrayValue ?? []
                let given = example.compactMap { item in
                    item["name"]?.stringValue.map { ($0, item["value"] ?? .null) }
                }
                return (name, JSONObject(given))
            }
        }

        @Test("A cursor that the method did not give is refused, by every list of every service", arguments: SuiteService.six)
        func refused(service: SuiteService) async throws {
            _ = try await Shop.open(suite, "cursors")
            let own = try #require(
                try await suite.call(.eventIngestion, "events.list", ["limit": 1])["cursor"]?.stringValue)
            let changed = String(own.dropLast()) + (own.hasSuffix("A") ? "B" : "A")
            let found = try await methods(service)
            #expect(!found.isEmpty)
            for (method, params) in found {
                for cursor in ["zzz", "", "-5", "0", "10", own, changed] where method != "events.list" || cursor != own {
                    var params = params
                    params["cursor"] = .string(cursor)
                    let data = try await expectRefusal(-32602) {
                        try await suite.call(service, method, .object(params))
                    }
                    #expect(data["problems"]?[0]?["path"] == "/cursor", "\(method) \(cursor)")
                }
            }
        }

        @Test("The lists that the documents name take cursors")
        func listed() async throws {
            let expected: [(SuiteService, [String])] = [
                (.eventIngestion, ["schemas.list", "events.list", "inlets.list", "rejected.list"]),
                (
                    .dataSourceFetching,
                    ["dataSources.list", "audiences.list", "audiences.members", "profiles.list", "profiles.events"]
                ),
                (.journeyExecution, ["journeys.list", "instances.list"]), (.actionDispatch, ["actions.list", "deadLetters.list"]),
                (.journeyReporting, ["alerts.list", "stepEvents.query", "stepEvents.export"]),
                (.console, ["keys.list", "audit.list"]),
            ]
            for (service, names) in expected {
                let found = try await methods(service).map(\.name)
                #expect(Set(names).isSubset(of: found), "\(service) \(found)")
            }
        }
    }
}
