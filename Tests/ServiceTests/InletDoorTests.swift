import Foundation
import HTTPClient
import Models
import TestKit
import Testing

extension SharedSuite {
    /// What SDKs, old servers and browsers send.
    @Suite("The door of an inlet")
    struct InletDoorTests {
        private let suite: SojournSuite
        private let json: HTTPHeaders = ["Content-Type": "application/json"]

        init() throws { suite = try RunningSuite.current }

        private func post(_ shop: Shop, _ body: [UInt8], _ more: HTTPHeaders = [:], batch: Bool = false) async throws -> HTTPResponse {
            var headers = json
            for (name, value) in more { headers[name] = value }
            return try await suite.send(
                .eventIngestion, "/collection/\(batch ? "batch/" : "")\(shop.inlet)", body: body, headers: headers)
        }

        @Test("A body in gzip is inflated, of one event and of a batch")
        func gzip() async throws {
            let shop = try await Shop.open(suite, "gz")
            let event = shop.event("a", id: "1").bytes
            for coding in ["gzip", "x-gzip", "GZIP"] {
                let answer = try await post(shop, Gzip.stored(event), ["Content-Encoding": coding])
                #expect(answer.status == 200 && answer.json["xactionId"] == "gz-1", "\(coding): \(answer.json)")
            }
            let half = event.count / 2
            let parts = Gzip.stored(Array(event[..<half])) + Gzip.stored(Array(event[half...]))
            #expect(try await post(shop, parts, ["Content-Encoding": "gzip"]).status == 200)
            let batch: JSONValue = ["messages": [shop.event("a", id: "2"), shop.event("a", id: "3")]]
            let many = try await post(shop, Gzip.stored(batch.bytes), ["Content-Encoding": "gzip"], batch: true)
            #expect(many.status == 207 && many.json["responses"]?.arrayValue?.map { $0["status"] } == [200, 200])
            #expect(try await post(shop, event, ["Content-Encoding": "identity"]).status == 200)
        }

        @Test("Gzip that is broken, cut or too large is refused with a sentence, another coding with those that are taken")
        func refusedCodings() async throws {
            let shop = try await Shop.open(suite, "gzr")
            let event = shop.event("a", id: "1").bytes, whole = Gzip.stored(event)
            var wrong = whole
            wrong[wrong.count - 8] ^= 1
            for (body, status, part) in [
                (event, 400, "is not gzip"), (wrong, 400, "checksum"), (Array(whole.dropLast(3)), 400, "ends in the middle"),
                ([], 400, "ends in the middle"), (Gzip.stored([UInt8](repeating: 0x20, count: (1 << 20) + 1)), 413, "larger than"),
                (Gzip.bomb, 413, "once it is inflated"),
            ] as [([UInt8], Int, String)] {
                let answer = try await post(shop, body, ["Content-Encoding": "gzip"])
                #expect(answer.status == status, "\(part)")
                #expect(String(decoding: answer.body, as: UTF8.self).contains(part), "\(answer.json)")
            }
            for coding in ["br", "deflate", "gzip, gzip", "zstd"] {
                let answer = try await post(shop, whole, ["Content-Encoding": coding])
                #expect(answer.status == 415 && answer.headers["Accept-Encoding"] == "gzip, identity", "\(coding)")
                #expect(answer.json["errors"]?[0]?["message"]?.stringValue?.contains("gzip") == true)
            }
        }

        @Test("A byte order mark in front of an event or a batch is passed over, a second one is none")
        func byteOrderMark() async throws {
            let shop = try await Shop.open(suite, "bom")
            let mark: [UInt8] = [0xEF, 0xBB, 0xBF], event = shop.event("a", id: "1").bytes
            #expect(try await post(shop, mark + event).status == 200)
            #expect(try await post(shop, Gzip.stored(mark + event), ["Content-Encoding": "gzip"]).status == 200)
            let batch: JSONValue = ["messages": [shop.event("a", id: "2")]]
            #expect(try await post(shop, mark + batch.bytes, batch: true).status == 207)
            #expect(try await post(shop, mark + mark + event).status == 400)
            #expect(try await post(shop, mark).status == 400)
        }

        @Test("Preflights and answers allow credentials for an origin by its name, never for any", arguments: [true, false])
        func credentials(isListed: Bool) async throws {
            let shop = try await Shop.open(suite, isListed ? "crl" : "cra")
            let made = try await suite.call(
                .eventIngestion, "inlets.create",
                [
                    "name": .string("site_\(shop.tag)"), "authentication": "none",
                    "origins": isListed ? ["https://shop.example"] : [],
                ])
            let path = "/collection/\(made["id"]?.stringValue ?? "")"
            let origin: HTTPHeaders = ["Origin": "https://shop.example"]
            let asked = try await suite.send(.eventIngestion, path, .options, headers: origin)
            #expect(asked.status == 204 && asked.headers["Access-Control-Allow-Credentials"] == "true")
            #expect(asked.headers["Access-Control-Allow-Headers"]?.contains("content-encoding") == true)
            var headers = json
            headers["Origin"] = "https://shop.example"
            let sent = try await suite.send(
                .eventIngestion, path, body: shop.event("a", id: "1").bytes, headers: headers)
            for answer in [asked, sent] {
                #expect(answer.headers["Access-Control-Allow-Credentials"] == "true")
                #expect(answer.headers["Access-Control-Allow-Origin"] == "https://shop.example")
                #expect(answer.headers["Vary"]?.lowercased().contains("origin") == true)
            }
            let other = try await suite.send(
                .eventIngestion, path, .options, headers: ["Origin": "https://other.example"])
            #expect(other.status == (isListed ? 403 : 204))
            #expect(other.headers["Access-Control-Allow-Credentials"] == (isListed ? nil : "true"))
            #expect(other.headers["Access-Control-Allow-Origin"] != "*")
        }

        @Test("The answer to a repeat says so, of one event and of a batch; that to another event does not")
        func duplicates() async throws {
            let shop = try await Shop.open(suite, "dup")
            let event = shop.event("a", id: "1")
            #expect(try await suite.collect(shop.inlet, event).json["duplicate"] == nil)
            let again = try await suite.collect(shop.inlet, event)
            #expect(again.status == 200 && again.json["duplicate"] == true && again.json["xactionId"] == "dup-1")
            // The parcel of the same id is another event.
            let parcel = shop.event("a", id: "1", delivered: true)
            #expect(try await suite.collect(shop.inlet, parcel).json["duplicate"] == nil)
            let batch: JSONValue = ["messages": [event, parcel, shop.event("a", id: "2"), shop.event("a", id: "2")]]
            let many = try await post(shop, batch.bytes, batch: true)
            #expect(many.json["responses"]?.arrayValue?.map { $0["duplicate"] } == [true, true, nil, true])
        }

        @Test("A repeat is on record: in the trace of the event and of the person, with the definitions that it matched")
        func onRecord() async throws {
            let shop = try await Shop.open(suite, "rec")
            try await shop.publish(shop.journey("once", [shop.say("hello", "hello")]))
            func traced() async throws -> JSONValue {
                try await suite.call(.journeyExecution, "trace.event", ["id": "rec-1"])
            }
            try await shop.send(shop.event("a", id: "1"))
            try await shop.statuses("a")
            let once = try await traced()
            #expect(once["outcome"] == "handled" && once["duplicates"] == 0, "\(once)")
            #expect(try await shop.send(shop.event("a", id: "1"))["duplicate"] == true)
            #expect(try await suite.collect(shop.inlet, shop.event("a", id: "1")).json["duplicate"] == true)
            try await eventually("both repeats are on record") { try await traced()["duplicates"] == 2 }
            let twice = try await traced()
            #expect(twice["outcome"] == "handled" && twice["matched"]?.arrayValue?.count == 1)
            let repeats = (twice["items"]?.arrayValue ?? []).filter { $0["code"] == "duplicate" }
            #expect(repeats.count == 2, "\(twice)")
            for item in repeats {
                #expect(item["kind"] == "event" && item["profile"] == "rec-a" && item["stimulus"] == "rec-1")
                #expect(item["event"]?["matched"] == [.string(shop.placed)])
            }
            let person = try await suite.call(
                .journeyExecution, "trace.person", ["namespace": "crmId", "id": "rec-a"])
            #expect((person["items"]?.arrayValue ?? []).count { $0["code"] == "duplicate" } == 2)
            try await eventually("the step store has them") {
                try await shop.steps("a").count { $0["code"] == "duplicate" } == 2
            }
            #expect(shop.texts("a") == ["hello"])
        }

        @Test("Who waits for the payment of an order by the order's own id gets it")
        func sharedID() async throws {
            let shop = try await Shop.open(suite, "paid")
            try await shop.publish(
                shop.journey(
                    "payment",
                    [
                        ["id": "wait", "type": "event", "event": .string(shop.delivered), "timeout": "P1D", "next": "yes"],
                        shop.say("yes", "paid"),
                    ]))
            try await shop.send(shop.event("a", id: "1"))
            try await shop.waiting("a", at: "wait")
            try await shop.send(shop.event("a", id: "1", delivered: true))
            try await shop.statuses("a")
            #expect(shop.texts("a") == ["paid"])
        }

        @Test("A schema made of one event serves an event keyed by its number; a decimal as key is refused with the remedy")
        func numericKeys() async throws {
            let sample: JSONValue = [
                "_id": "1", "timestamp": "2026-01-01T00:00:00Z", "eventType": "numk", "customer": ["id": 42], "total": 20,
                "discount": nil, "tags": [],
            ]
            for (name, key) in [("nk_name", nil), ("nk_key", "@event{nk_key.customer.id}"), ("nk_path", "customer.id")] as [(String, String?)] {
                var params: JSONObject = ["sample": sample]
                if let key { params["key"] = .string(key) }
                let inferred = try await suite.call(.eventIngestion, "schemas.infer", .object(params))
                try await suite.call(
                    .eventIngestion, "schemas.create", ["name": .string("s_\(name)"), "schema": inferred["schema"] ?? .null])
                try await suite.call(
                    .eventIngestion, "events.create",
                    [
                        "name": .string(name), "schema": .string("s_\(name)"), "type": "rule",
                        "rule": .string("@event{\(name).eventType} == \"numk\""), "namespace": "crmId",
                        "key": .string("@event{\(name).customer.id}"),
                    ])
            }
            for (number, id) in ["42", "42.0", "4.2e1"].enumerated() {
                let event = #"{"_id":"numk-\#(number)","timestamp":"2026-01-01T00:00:00Z","eventType":"numk","customer":{"id":\#(id)},"total":19.99,"discount":5,"tags":["new"]}"#
                let answer = try await suite.call(.eventIngestion, "ingest.send", ["event": try JSONValue.parse(event)])
                #expect(answer["matched"]?.arrayValue?.map { $0["profile"] } == ["crmId:42", "crmId:42", "crmId:42"], "\(id)")
            }
            let schema: JSONValue = [
                "type": "object",
                "properties": ["n": ["type": "number"], "b": ["type": "boolean"], "i": ["type": "integer"], "s": ["type": "string"], "x": true],
            ]
            try await suite.call(.eventIngestion, "schemas.create", ["name": "numk", "schema": schema])
            for (key, part) in [("n", "integer or a string"), ("b", "boolean"), ("i", nil), ("s", nil), ("x", nil)] as [(String, String?)] {
                let event: JSONValue = [
                    "name": .string("numk_\(key)"), "schema": "numk", "type": "rule", "rule": "false", "namespace": "crmId",
                    "key": .string("@event{numk_\(key).\(key)}"),
                ]
                guard let part else {
                    try await suite.call(.eventIngestion, "events.create", event)
                    continue
                }
                let refusal = try await expectRefusal(-32602) {
                    try await suite.call(.eventIngestion, "events.create", event)
                }
                #expect(refusal["problems"]?[0]?["path"] == "/key")
                #expect(refusal["problems"]?[0]?["message"]?.stringValue?.contains(part) == true, "\(refusal)")
            }
            let refusal = try await expectRefusal(-32602) {
                try await suite.call(.eventIngestion, "schemas.infer", ["sample": sample, "key": "@event{"])
            }
            #expect(refusal["problems"]?[0]?["path"] == "/key")
        }
    }
}

/// Gzip (RFC 1952) without compression, and some with a lot.
private enum Gzip {
    static func stored(_ bytes: [UInt8]) -> [UInt8] {
        var made: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
        var rest = bytes[...]
        repeat {
            let part = rest.prefix(65_535)
            rest = rest.dropFirst(65_535)
            made.append(rest.isEmpty ? 1 : 0)
            let length = UInt16(part.count)
            made += little(UInt64(length), 2) + little(UInt64(~length), 2) + part
        } while !rest.isEmpty
        return made + little(UInt64(checksum(bytes)), 4) + little(UInt64(bytes.count), 4)
    }

    /// 200,000 blanks in 230 bytes.
    static let bomb = Array(
        Data(
            base64Encoded:
                "H4sIAAAAAAAC/+3BMQEAAADCoCrrn9IM/kABAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAK8BMWFiEEANAwA="
        ) ?? Data())

    private static func little(_ value: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
    }

    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var sum = UInt32.max
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum >> 1 ^ (sum & 1 == 1 ? 0xEDB8_8320 : 0) }
        }
        return ~sum
    }
}
