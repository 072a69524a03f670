import HTTPClient
import Models
import TestKit
import Testing

extension SharedSuite {
    @Suite("Event ingestion")
    struct EventIngestionTests {
        private let suite: SojournSuite
        private let json: HTTPHeaders = ["Content-Type": "application/json"]

        init() throws { suite = try RunningSuite.current }

        private func inlet(_ shop: Shop, _ name: String, _ members: JSONObject) async throws -> JSONValue {
            var document: JSONObject = ["name": .string("\(name)_\(shop.tag)")]
            document.merge(members)
            return try await suite.call(.eventIngestion, "inlets.create", .object(document))
        }

        @Test("An event is taken bare and in its envelope, and the same _id has no second effect")
        func shapes() async throws {
            let shop = try await Shop.open(suite, "shapes")
            try await shop.publish(shop.journey("once", [shop.say("hello", "hello")]))
            let bare = try await suite.collect(shop.inlet, shop.event("a", id: "1"))
            #expect(bare.status == 200)
            #expect(bare.json["inletId"] == .string(shop.inlet))
            #expect(bare.json["xactionId"] == "shapes-1")
            #expect((bare.json["receivedTimeMs"]?.integerValue ?? 0) > 1_600_000_000_000)

            let envelope: JSONValue = [
                "header": ["schemaRef": ["id": "x"]], "body": ["xdmMeta": [:], "xdmEntity": shop.event("b", id: "2")],
            ]
            #expect(try await suite.collect(shop.inlet, envelope).status == 200)
            #expect(try await suite.collect(shop.inlet, shop.event("a", id: "1")).status == 200)
            let repeated = try await shop.send(shop.event("a", id: "1"))
            #expect(repeated["duplicate"] == true && repeated["accepted"] == true)

            try await shop.statuses("a")
            try await shop.send(shop.event("a", id: "3"))
            try await shop.statuses("a", count: 2)
            try await shop.statuses("b")
            #expect(shop.texts("a") == ["hello", "hello"])
            #expect(shop.texts("b") == ["hello"])
        }

        @Test("A batch is answered 207 with a result for each event")
        func batch() async throws {
            let shop = try await Shop.open(suite, "batch")
            let body: JSONValue = [
                "messages": [
                    shop.event("a", id: "1"), ["_id": "x", "eventType": "batch.order", "customer": [:]], 7,
                    ["header": [:], "body": ["xdmEntity": shop.event("a", id: "2")]],
                ]
            ]
            let answer = try await suite.send(
                .eventIngestion, "/collection/batch/\(shop.inlet)", body: body.bytes, headers: json)
            #expect(answer.status == 207)
            let results = answer.json["responses"]?.arrayValue ?? []
            #expect(results.compactMap { $0["status"]?.integerValue } == [200, 400, 400, 200])
            #expect(paths(results[1]).contains { $0.hasPrefix("/customer") })
            #expect(results[3]["xactionId"] == "batch-2")
        }

        @Test("A refused event names every offending path, is kept, and can be replayed corrected")
        func problems() async throws {
            let shop = try await Shop.open(suite, "problems")
            let wrong: JSONValue = [
                "_id": "", "eventType": "problems.order", "customer": ["id": 42], "order": ["id": "1", "total": -1],
            ]
            let answer = try await suite.collect(shop.inlet, wrong)
            #expect(answer.status == 400)
            #expect(paths(answer.json) == ["/_id", "/customer/id", "/order/total"])

            var kept: JSONValue = .null
            try await eventually("the event is kept") {
                kept =
                    try await suite.all(.eventIngestion, "rejected.list")
                    .first { $0["event"]?["eventType"] == "problems.order" } ?? .null
                return !kept.isNull
            }
            let id = kept["id"] ?? .null
            #expect(kept["inlet"] == "web_problems")
            #expect(kept["problems"]?.arrayValue?.count == 3)
            let got = try await suite.call(.eventIngestion, "rejected.get", ["id": id])
            #expect(got["event"] == wrong)

            let data = try await expectRefusal(-32602) {
                try await suite.call(.eventIngestion, "rejected.replay", ["id": id])
            }
            #expect(data["problems"]?.arrayValue?.count == 3)
            let replayed = try await suite.call(
                .eventIngestion, "rejected.replay", ["id": id, "event": shop.event("a", id: "1")])
            #expect(replayed["accepted"] == true)
            try await expectRefusal(-32004) { try await suite.call(.eventIngestion, "rejected.get", ["id": id]) }
            let audit = try await suite.all(.console, "audit.list", filter: ["kind": "rejected", "name": id])
            #expect(audit.map { $0["action"] } == ["replay"] && audit.first?["service"] == "event-ingestion")

            _ = try await suite.collect(shop.inlet, wrong)
            try await eventually("the next one is kept") {
                kept =
                    try await suite.all(.eventIngestion, "rejected.list")
                    .first { $0["event"]?["eventType"] == "problems.order" } ?? .null
                return !kept.isNull
            }
            _ = try await suite.call(.eventIngestion, "rejected.discard", ["id": kept["id"] ?? .null])
            let discarded = try await suite.all(
                .console, "audit.list", filter: ["kind": "rejected", "name": kept["id"] ?? .null])
            #expect(discarded.map { $0["action"] } == ["discard"] && discarded.first?["author"] == audit.first?["author"])
        }

        @Test("An open inlet bounds the requests of an address and says when to come back")
        func rateLimit() async throws {
            let shop = try await Shop.open(suite, "rate")
            let made = try await inlet(shop, "slow", ["authentication": "none", "rateLimit": 2])
            let id = made["id"]?.stringValue ?? ""
            var answers: [HTTPResponse] = []
            for number in 0..<12 { answers.append(try await suite.collect(id, shop.event("a", id: "\(number)"))) }
            #expect(answers[0].status == 200)
            let refused = try #require(answers.first { $0.status == 429 })
            #expect(Int(refused.headers["Retry-After"] ?? "").map { $0 >= 1 } == true)
            #expect(answers.allSatisfy { $0.status == 200 || $0.status == 429 })
        }

        @Test("A browser may send from the inlet's origins and from no other")
        func origins() async throws {
            let shop = try await Shop.open(suite, "cors")
            let made = try await inlet(
                shop, "site", ["authentication": "none", "origins": ["https://shop.example"], "rateLimit": 0])
            let path = "/collection/\(made["id"]?.stringValue ?? "")"
            let asked = try await suite.send(
                .eventIngestion, path, .options,
                headers: [
                    "Origin": "https://shop.example", "Access-Control-Request-Method": "POST",
                    "Access-Control-Request-Headers": "content-type",
                ])
            #expect((200..<300).contains(asked.status))
            #expect(asked.headers["Access-Control-Allow-Origin"] == "https://shop.example")
            #expect(asked.headers["Access-Control-Allow-Methods"]?.contains("POST") == true)
            #expect(asked.headers["Access-Control-Allow-Headers"]?.contains("content-type") == true)

            let event = shop.event("a", id: "1").bytes
            let sent = try await suite.send(
                .eventIngestion, path, body: event,
                headers: ["Content-Type": "application/json", "Origin": "https://shop.example"])
            #expect(sent.status == 200)
            #expect(sent.headers["Access-Control-Allow-Origin"] == "https://shop.example")
            let invalid = try await suite.send(
                .eventIngestion, path, body: Array("{}".utf8),
                headers: ["Content-Type": "application/json", "Origin": "https://shop.example"])
            #expect(invalid.status == 400)
            #expect(invalid.headers["Access-Control-Allow-Origin"] == "https://shop.example")

            for method in [HTTPMethod.options, .post] {
                let other = try await suite.send(
                    .eventIngestion, path, method, body: event,
                    headers: ["Content-Type": "application/json", "Origin": "https://other.example"])
                #expect(other.status == 403)
                #expect(other.headers["Access-Control-Allow-Origin"] == nil)
            }
        }

        @Test("An inlet with a key refuses before it reads, shows the key once, and takes a new one after rotation")
        func keys() async throws {
            let shop = try await Shop.open(suite, "keys")
            let made = try await inlet(shop, "server", ["authentication": "apiKey"])
            let first = try #require(made["key"]?.stringValue)
            let id = made["id"]?.stringValue ?? ""
            let shown = try await suite.call(.eventIngestion, "inlets.get", ["name": "server_keys"])
            #expect(shown["key"] == nil && !shown.text.contains(first))

            // A body that is far too large is not looked at without the key.
            let large = [UInt8](repeating: 0x20, count: 2 << 20)
            let refused = try await suite.send(.eventIngestion, "/collection/\(id)", body: large, headers: json)
            #expect(refused.status == 401)
            #expect(try await suite.collect(id, shop.event("a", id: "1")).status == 401)
            #expect(try await suite.collect(id, shop.event("a", id: "1"), bearer: first + "x").status == 401)
            #expect(try await suite.collect(id, shop.event("a", id: "1"), bearer: first).status == 200)

            let rotated = try await suite.call(.eventIngestion, "inlets.rotateKey", ["name": "server_keys"])
            let second = try #require(rotated["key"]?.stringValue)
            #expect(second != first)
            #expect(try await suite.collect(id, shop.event("a", id: "2"), bearer: first).status == 401)
            #expect(try await suite.collect(id, shop.event("a", id: "2"), bearer: second).status == 200)
        }

        @Test("What is no event is answered with the status of its mistake")
        func statuses() async throws {
            let shop = try await Shop.open(suite, "status")
            let path = "/collection/\(shop.inlet)"
            let event = shop.event("a", id: "1").bytes
            let large = [UInt8](repeating: 0x20, count: (1 << 20) + 1)
            #expect(try await suite.send(.eventIngestion, path, body: large, headers: json).status == 413)
            #expect(
                try await suite.send(.eventIngestion, path, body: event, headers: ["Content-Type": "text/plain"])
                    .status == 415)
            #expect(try await suite.send(.eventIngestion, "/collection/none", body: event, headers: json).status == 404)
            #expect(try await suite.send(.eventIngestion, path, .get).status == 405)
            for text in ["", "{", #"{"_id":"1","_id":"2"}"#, "[]", "7"] {
                let answer = try await suite.send(.eventIngestion, path, body: Array(text.utf8), headers: json)
                #expect(answer.status == 400, "\(text)")
                #expect(answer.json["errors"]?.arrayValue?.isEmpty == false)
            }
        }

        @Test("A system-generated event is known by the id that Sojourn made")
        func systemGenerated() async throws {
            let shop = try await Shop.open(suite, "system")
            let schema: JSONValue = [
                "type": "object",
                "properties": [
                    "_id": ["type": "string"],
                    "customer": ["type": "object", "properties": ["id": ["type": "string"]]],
                    "_experience": ["type": "object"],
                ],
            ]
            try await suite.call(.eventIngestion, "schemas.create", ["name": "form_system", "schema": schema])
            let made = try await suite.call(
                .eventIngestion, "events.create",
                [
                    "name": "form_system", "schema": "form_system", "type": "system", "namespace": "crmId",
                    "key": "@event{form_system.customer.id}",
                ])
            let id = try #require(made["eventID"])
            let known: JSONValue = [
                "_id": "s-1", "customer": ["id": "system-a"],
                "_experience": ["campaign": ["orchestration": ["eventID": id]]],
            ]
            let answer = try await suite.call(.eventIngestion, "ingest.send", ["event": known])
            #expect(answer["matched"]?[0]?["event"] == "form_system")
            var other = known.objectValue ?? [:]
            other["_experience"] = ["campaign": ["orchestration": ["eventID": "another"]]]
            try await expectRefusal(-32602) {
                try await suite.call(.eventIngestion, "ingest.send", ["event": .object(other)])
            }
            let preview = try await suite.call(.eventIngestion, "events.preview", ["name": "form_system"])
            #expect(preview["sample"]?["_experience"]?["campaign"]?["orchestration"]?["eventID"] == id)
            _ = shop
        }

        @Test("The sample of a preview is accepted as it stands, at the address of its curl line")
        func preview() async throws {
            let shop = try await Shop.open(suite, "preview")
            let preview = try await suite.call(.eventIngestion, "events.preview", ["name": .string(shop.placed)])
            let answer = try await suite.collect(shop.inlet, preview["sample"] ?? .null)
            #expect(answer.status == 200, "\(answer.json.text)")
            #expect(preview["curl"]?.stringValue?.contains("/collection/") == true)
            #expect(preview["keyPath"] == "customer.id")
            let inferred = try await suite.call(
                .eventIngestion, "schemas.infer", ["sample": preview["sample"] ?? .null])
            #expect(inferred["schema"]?["type"] == "object")
        }

        @Test("Events over JSON-RPC: one, by the inlet's name, and many with a result each")
        func rpc() async throws {
            let shop = try await Shop.open(suite, "rpc")
            let one = try await suite.call(
                .eventIngestion, "ingest.send", ["inlet": "web_rpc", "event": shop.event("a", id: "1")])
            #expect(one["id"] == "rpc-1" && one["accepted"] == true && one["duplicate"] == false)
            #expect(one["matched"]?[0]?["event"] == .string(shop.placed))
            #expect((0..<4).contains(one["matched"]?[0]?["partition"]?.integerValue ?? -1))
            let many = try await suite.call(
                .eventIngestion, "ingest.sendBatch",
                ["events": [shop.event("a", id: "1"), shop.event("b", id: "2"), ["eventType": "nobody"]]])
            let results = many["results"]?.arrayValue ?? []
            #expect(results.map { $0["accepted"] } == [true, true, false])
            #expect(results.map { $0["duplicate"] } == [true, false, nil])
            try await expectRefusal(-32004) {
                try await suite.call(
                    .eventIngestion, "ingest.send", ["inlet": "nowhere", "event": shop.event("a", id: "3")])
            }
        }

        @Test("A profile's field that an audience or a journey reads stays, and the refusal names both")
        func profileFields() async throws {
            let shop = try await Shop.open(suite, "pf")
            func schema(_ field: String) -> JSONValue {
                ["type": "object", "properties": .object(JSONObject([(field, ["type": "string"] as JSONValue)]))]
            }
            try await suite.call(
                .eventIngestion, "schemas.create", ["name": "person_pf", "kind": "profile", "schema": schema("tierpf")])
            try await suite.call(
                .eventIngestion, "schemas.update", ["name": "person_pf", "schema": schema("pointspf")])
            try await suite.call(
                .dataSourceFetching, "audiences.create", ["name": "rich_pf", "rule": "pointspf == \"many\""])
            let condition: JSONValue = [
                "id": "c", "type": "condition", "paths": [["when": "#{profile.pointspf} == \"many\"", "label": "x"]],
            ]
            _ = try await suite.call(.journeyExecution, "journeys.create", shop.journey("reading", [condition]))
            for (method, params) in [
                ("schemas.update", ["name": "person_pf", "schema": schema("tierpf")] as JSONValue),
                ("schemas.delete", ["name": "person_pf"] as JSONValue),
            ] {
                let refusal = try await expectRefusal(-32010) { try await suite.call(.eventIngestion, method, params) }
                let users = refusal["usedIn"]?.arrayValue ?? []
                #expect(
                    users == [
                        ["kind": "audiences", "name": "rich_pf"],
                        ["kind": "journeys", "name": "reading_pf", "state": "draft"],
                    ], "\(method): \(refusal)")
            }
            try await suite.call(.journeyExecution, "journeys.delete", ["name": "reading_pf"])
            try await suite.call(.dataSourceFetching, "audiences.delete", ["name": "rich_pf"])
            try await suite.call(.eventIngestion, "schemas.delete", ["name": "person_pf"])
        }
    }
}
