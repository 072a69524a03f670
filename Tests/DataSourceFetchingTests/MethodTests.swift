import Definitions
import Foundation
import HTTPClient
import JSONRPC
import Models
import Queues
import Redis
import TestKit
import Testing

@testable import DataSourceFetching

@Suite("The methods of data-source-fetching")
struct MethodTests {
    private func error(_ body: () async throws -> JSONValue) async throws -> RPCErrorCode? {
        do {
            _ = try await body()
            return nil
        } catch let error as RPCError {
            return error.code
        }
    }

    @Test("Every method has an example that its own schemas take")
    func examples() async throws {
        try await FetchingRig.run(answer: { _ in .answer(200) }) { rig in
            var registry = MethodRegistry(service: "tests", version: "1", summary: "Tests")
            registry.add(rig.parts.methods)
            #expect(registry.problemsOfExamples() == [])
            try await eventually { rig.parts.sources.current.isLoaded }
        }
    }

    @Test("dataSources.test shows request and response, and no secret though it comes back")
    func tested() async throws {
        try await FetchingRig.run(answer: { request in
            .answer(200, headers: [("X-Echo", request["authorization"] ?? "")], body: #"{"echo":"\#(request["authorization"] ?? "")","tier":"gold"}"#)
        }) { rig in
            try await rig.makeSource(authentication: ["type": "basic", "user": "ada", "password": "planted-secret"])
            let shown = try await rig.call(
                "dataSources.test", ["name": "loyalty", "group": "account", "params": ["memberId": "42"]])
            #expect(shown["request"]?["url"] == .string(rig.peer.url + "/members/42"))
            #expect(shown["response"]?["status"] == 200)
            #expect(shown["data"]?["tier"] == "gold")
            let text = shown.text
            #expect(!text.contains("planted-secret"))
            #expect(!text.contains(Data("ada:planted-secret".utf8).base64EncodedString()))
            let failed = try await rig.call("dataSources.test", ["name": "loyalty", "group": "account"])
            #expect(failed["error"] == "missingParameter")
            #expect(try await error { try await rig.call("dataSources.test", ["name": "x", "group": "account"]) } == .notFound)
            #expect(try await error { try await rig.call("dataSources.test", ["name": "loyalty", "group": "x"]) } == .notFound)
        }
    }

    @Test("fetch.now answers as a journey would be answered")
    func now() async throws {
        try await FetchingRig.run(answer: { _ in .answer(200, body: #"{"tier":"gold","points":1}"#) }) { rig in
            try await rig.makeSource(["cache": "PT1M"])
            let params: JSONObject = ["source": "loyalty", "group": "account", "params": ["memberId": "42"]]
            let first = try await rig.call("fetch.now", params)
            #expect(first["data"] == ["tier": "gold", "points": 1])
            #expect(first["cached"] == false)
            #expect(try await rig.call("fetch.now", params)["cached"] == true)
            let missing = try await rig.call("fetch.now", ["source": "loyalty", "group": "account"])
            #expect(missing["error"] == "missingParameter")
            #expect(try await error { try await rig.call("fetch.now", ["source": "x", "group": "account"]) } == .notFound)
        }
    }

    @Test("A profile is made, merged, replaced, and its revision compared")
    func profiles() async throws {
        try await FetchingRig.run(answer: { _ in .answer(200) }) { rig in
            let made = try await rig.call(
                "profiles.upsert",
                ["namespace": "crmId", "id": "4:2", "attributes": ["name": "Ada", "consents": ["email": true]]])
            #expect(made["revision"] == 1)
            let merged = try await rig.call(
                "profiles.upsert",
                ["namespace": "crmId", "id": "4:2", "attributes": ["consents": ["sms": true]], "revision": 1])
            #expect(merged["revision"] == 2)
            #expect(merged["attributes"] == ["name": "Ada", "consents": ["email": true, "sms": true]])
            let same = try await rig.call(
                "profiles.upsert", ["namespace": "crmId", "id": "4:2", "attributes": ["name": "Ada"]])
            #expect(same["revision"] == 2)
            #expect(
                try await error {
                    try await rig.call(
                        "profiles.upsert",
                        ["namespace": "crmId", "id": "4:2", "attributes": ["name": "Bea"], "revision": 1])
                } == .staleRevision)
            _ = try await rig.call(
                "profiles.upsert",
                ["namespace": "crmId", "id": "4:2", "attributes": ["name": "Bea"], "merge": "replace"])
            let read = try await rig.call("profiles.get", ["namespace": "crmId", "id": "4:2"])
            #expect(read["attributes"] == ["name": "Bea"])
            #expect(read["revision"] == 3)
            #expect(try await error { try await rig.call("profiles.get", ["namespace": "crmId", "id": "x"]) } == .notFound)
        }
    }

    @Test("Refused profiles", arguments: [
        ["namespace": "two words", "id": "1", "attributes": [:]],
        ["namespace": "crmId", "id": "", "attributes": [:]],
        ["namespace": "crmId", "id": .string(String(repeating: "x", count: 257)), "attributes": [:]],
        ["namespace": "crmId", "id": "1", "attributes": ["a": .string(String(repeating: "x", count: 300_000))]],
    ] as [JSONObject])
    func refused(params: JSONObject) async throws {
        try await FetchingRig.run(answer: { _ in .answer(200) }) { rig in
            let code = try await error { try await rig.call("profiles.upsert", params) }
            #expect(code == .invalidParams)
        }
    }

    @Test("Of many who write one profile at once nobody's attribute is lost")
    func concurrent() async throws {
        try await FetchingRig.run(answer: { _ in .answer(200) }) { rig in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        _ = try await rig.call(
                            "profiles.upsert",
                            ["namespace": "crmId", "id": "42", "attributes": ["a\(number)": JSONValue(number)]])
                    }
                }
                try await group.waitForAll()
            }
            let read = try await rig.call("profiles.get", ["namespace": "crmId", "id": "42"])
            #expect(read["attributes"]?.objectValue?.count == 8)
            #expect(read["revision"] == 8)
        }
    }

    @Test("Pages of people follow each other over all partitions without gap or overlap")
    func lists() async throws {
        try await FetchingRig.run(answer: { _ in .answer(200) }) { rig in
            for number in 0..<25 {
                _ = try await rig.call(
                    "profiles.upsert",
                    ["namespace": number % 5 == 0 ? "email" : "crmId", "id": .string("p\(number)"), "attributes": ["n": 1]])
            }
            func all(_ filter: JSONObject) async throws -> Set<String> {
                var ids: [String] = []
                var cursor: JSONValue?
                repeat {
                    var params: JSONObject = ["limit": 4, "filter": .object(filter)]
                    params["cursor"] = cursor
                    let page = try await rig.call("profiles.list", params)
                    ids += page["items"]?.arrayValue?.compactMap { $0["id"]?.stringValue } ?? []
                    cursor = page["cursor"]
                } while cursor != nil
                #expect(Set(ids).count == ids.count)
                return Set(ids)
            }
            #expect(try await all([:]).count == 25)
            #expect(try await all(["namespace": "email"]) == ["p0", "p5", "p10", "p15", "p20"])
            #expect(try await all(["namespace": "crmId", "id": "p2"]) == ["p2", "p21", "p22", "p23", "p24"])
            #expect(try await all(["id": "p1"]).count == 11)
        }
    }

    @Test("config.apply takes data sources and profiles, and an export has the sources alone")
    func configuration() async throws {
        try await FetchingRig.run(answer: { _ in .answer(200) }) { rig in
            let documents: JSONValue = [
                ["profile": ["namespace": "crmId", "id": "42", "attributes": ["name": "Ada"]]],
                ["dataSource": .object(SourceFamily.example)], ["profile": ["namespace": "crmId"]],
            ]
            let first = try await rig.call("config.apply", ["documents": documents])
            #expect(first["results"]?.arrayValue?.map { $0["result"] } == ["created", "created", "failed"])
            let again = try await rig.call("config.apply", ["documents": documents])
            #expect(again["results"]?.arrayValue?.map { $0["result"] } == ["unchanged", "unchanged", "failed"])
            let exported = try await rig.call("config.export", [:])
            #expect(exported["documents"] == [["dataSource": .object(SourceFamily.example)]])
        }
    }
}
