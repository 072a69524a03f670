import Definitions
import JSONRPC
import Models
import Testing

@Suite("The methods of a kind")
struct DefinitionMethodTests {
    @Test("Every method has an example that its own schemas take")
    func examples() async throws {
        try await withRig { rig in
            var registry = MethodRegistry(service: "tests", version: "1", summary: "Tests")
            let sources = rig.sources()
            registry.add(sources.methods)
            registry.add(ConfigurationMethods([sources], store: rig.store).methods)
            #expect(registry.problemsOfExamples() == [])
            #expect(registry["dataSources.create"]?.scope == .admin)
            #expect(registry["dataSources.list"]?.scope == .read)
        }
    }

    @Test("An object goes through create, get, list, update and delete with its secrets masked")
    func lifetime() async throws {
        try await withRig { rig in
            let methods = rig.sources().methods
            let made = try await rig.call(methods, "dataSources.create", DefinitionRig.source("loyalty", key: "abc"))
            #expect(made["revision"] == 1)
            #expect(made.value(at: ["authentication", "value"]) == .string(Secret.mask))
            #expect(try await rig.call(methods, "dataSources.get", ["name": "loyalty"]) == made)
            #expect(try await rig.call(methods, "dataSources.list", [:])["items"] == [made])
            let changed = try await rig.call(
                methods, "dataSources.update", ["name": "loyalty", "description": "Tiers", "revision": 1])
            #expect(changed["description"] == "Tiers")
            #expect(changed["groups"] == made["groups"])
            let stored = try await rig.store.get(.dataSources, "loyalty")
            #expect(stored?.document["authentication"]?["value"] == ["sealed": "sealed:cba"])
            let removed = try await rig.call(
                methods, "dataSources.update", ["name": "loyalty", "description": nil])
            #expect(removed["description"] == nil)
            let gone = try await rig.call(methods, "dataSources.delete", ["name": "loyalty"])
            #expect(gone["deleted"] == true)
            let error = try await rpcError { try await rig.call(methods, "dataSources.get", ["name": "loyalty"]) }
            #expect(error?.code == .notFound)
        }
    }

    @Test("Of 64 who write at once, each a name of its own or all the same one, none is refused", .timeLimit(.minutes(1)))
    func manyWriters() async throws {
        try await withRig { rig in
            let methods = rig.sources().methods
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<64 {
                    group.addTask {
                        _ = try await rig.call(methods, "dataSources.create", DefinitionRig.source("source\(number)"))
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await rig.store.all(.dataSources).count == 64)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<64 {
                    group.addTask {
                        _ = try await rig.call(
                            methods, "dataSources.update", ["name": "source0", "description": .string("\(number)")])
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await rig.store.get(.dataSources, "source0")?.revision == 65)
        }
    }

    @Test("Refusals have their codes", arguments: [
        ("dataSources.create", ["name": "loyalty", "groups": [["name": "a", "url": "https://a.example/"]]], .staleRevision),
        ("dataSources.create", ["name": "two words", "groups": []], .invalidParams),
        ("dataSources.update", ["name": "nothing", "description": "x"], .notFound),
        ("dataSources.update", ["name": "loyalty", "description": "x", "revision": 7], .staleRevision),
        ("dataSources.update", ["name": "loyalty", "colour": "red"], .invalidParams),
        ("dataSources.delete", ["name": "loyalty", "revision": 7], .staleRevision),
        ("dataSources.delete", ["name": "nothing"], .notFound),
        ("dataSources.usedIn", ["name": "nothing"], .notFound),
    ] as [(String, JSONObject, RPCErrorCode)])
    func refusals(method: String, params: JSONObject, code: RPCErrorCode) async throws {
        try await withRig { rig in
            let methods = rig.sources().methods
            _ = try await rig.call(methods, "dataSources.create", DefinitionRig.source("loyalty"))
            let error = try await rpcError { try await rig.call(methods, method, params) }
            #expect(error?.code == code)
            if code == .invalidParams { #expect(error?.data?["problems"]?.arrayValue?.isEmpty == false) }
        }
    }

    private func addJourney(_ rig: DefinitionRig) async throws {
        _ = try await rig.store.create(
            .journeys,
            [
                "name": "welcome", "draft": nil,
                "versions": [["version": 2, "state": "live", "uses": ["sources": ["loyalty"]]]],
            ], by: rig.author)
    }

    @Test("What a journey uses is not deleted, and the refusal names the journey")
    func inUse() async throws {
        try await withRig { rig in
            let methods = rig.sources().methods
            _ = try await rig.call(methods, "dataSources.create", DefinitionRig.source("loyalty"))
            try await addJourney(rig)
            let use: JSONValue = ["kind": "journeys", "name": "welcome", "version": 2, "state": "live"]
            #expect(try await rig.call(methods, "dataSources.usedIn", ["name": "loyalty"])["items"] == [use])
            let error = try await rpcError { try await rig.call(methods, "dataSources.delete", ["name": "loyalty"]) }
            #expect(error?.code == .inUse)
            #expect(error?.data?["usedIn"] == [use])
            #expect(try await rig.store.get(.dataSources, "loyalty") != nil)
        }
    }

    @Test("While in use only what the kind allows may change")
    func changeInUse() async throws {
        try await withRig { rig in
            var sources = rig.sources()
            sources.changeInUse = { old, new in
                old.groups == new.groups ? [] : [Problem(path: "/groups", message: "must stay")]
            }
            let methods = sources.methods
            _ = try await rig.call(methods, "dataSources.create", DefinitionRig.source("loyalty"))
            let other = DefinitionRig.source("loyalty", url: "https://other.example/")
            _ = try await rig.call(methods, "dataSources.update", other)
            try await addJourney(rig)
            let error = try await rpcError {
                try await rig.call(methods, "dataSources.update", DefinitionRig.source("loyalty"))
            }
            #expect(error?.code == .inUse)
            #expect(error?.data?["problems"]?[0]?["path"] == "/groups")
            _ = try await rig.call(methods, "dataSources.update", ["name": "loyalty", "description": "Tiers"])
        }
    }

    @Test("A hook's made members are stored, and what it tells once is told once")
    func completed() async throws {
        try await withRig { rig in
            var sources = rig.sources()
            sources.complete = { document, old in
                if old != nil { return [:] }
                document["description"] = "made"
                return ["key": "sk_1"]
            }
            let methods = sources.methods
            let made = try await rig.call(methods, "dataSources.create", DefinitionRig.source("loyalty"))
            #expect(made["key"] == "sk_1")
            #expect(made["description"] == "made")
            #expect(try await rig.call(methods, "dataSources.get", ["name": "loyalty"])["key"] == nil)
        }
    }
}

@Suite("config.apply and config.export")
struct ConfigurationMethodTests {
    private func apply(
        _ rig: DefinitionRig, _ documents: [JSONValue], dryRun: Bool = false
    ) async throws -> [JSONValue] {
        let methods = ConfigurationMethods([rig.sources()], store: rig.store).methods
        let answer = try await rig.call(
            methods, "config.apply", ["documents": .array(documents), "dryRun": .bool(dryRun)])
        return answer["results"]?.arrayValue ?? []
    }

    @Test("Documents are created, then unchanged, then updated; one that fails stops no other")
    func results() async throws {
        try await withRig { rig in
            let good: JSONValue = ["dataSource": .object(DefinitionRig.source("loyalty", key: "abc"))]
            let bad: JSONValue = ["dataSource": ["name": "empty"]]
            let foreign: JSONValue = ["journey": ["name": "welcome"]]
            let first = try await apply(rig, [bad, good, foreign])
            #expect(first.map { $0["result"] } == ["failed", "created", "failed"])
            #expect(first[0]["problems"]?[0]?["path"] == "/groups")
            #expect(try await apply(rig, [good])[0]["result"] == "unchanged")
            let other: JSONValue = [
                "dataSource": .object(DefinitionRig.source("loyalty", key: "abc", url: "https://other.example/"))
            ]
            let changed = try await apply(rig, [other])
            #expect(changed[0]["result"] == "updated")
            #expect(changed[0]["revision"] == 2)
        }
    }

    @Test("A dry run says the same and writes nothing")
    func dryRun() async throws {
        try await withRig { rig in
            let good: JSONValue = ["dataSource": .object(DefinitionRig.source("loyalty"))]
            let results = try await apply(rig, [good], dryRun: true)
            #expect(results[0]["result"] == "created")
            #expect(try await rig.store.get(.dataSources, "loyalty") == nil)
            #expect(try await rig.store.audit().isEmpty)
        }
    }

    @Test("An export can be applied again and changes nothing, though it holds no secret")
    func roundTrip() async throws {
        try await withRig { rig in
            _ = try await apply(rig, [["dataSource": .object(DefinitionRig.source("loyalty", key: "abc"))]])
            let methods = ConfigurationMethods([rig.sources()], store: rig.store).methods
            let exported = try await rig.call(methods, "config.export", [:])["documents"]?.arrayValue ?? []
            #expect(exported.count == 1)
            #expect(exported[0]["secrets"] == ["/authentication/value"])
            let text = JSONValue.array(exported).text
            #expect(!text.contains("abc") && !text.contains("cba"))
            #expect(try await apply(rig, exported)[0]["result"] == "unchanged")
        }
    }
}
