import Definitions
import Models
import Testing

@Suite("Secrets of definitions")
struct SecretTests {
    let kind = DefinitionKind.dataSources
    let sealing = DefinitionRig.sealing

    private func value(_ document: JSONObject) -> JSONValue? {
        JSONValue.object(document).value(at: ["authentication", "value"])
    }

    @Test("A new secret is stored sealed and answered as the mask")
    func sealed() throws {
        let stored = try kind.sealed(DefinitionRig.source("loyalty", key: "abc"), stored: nil, sealing)
        #expect(value(stored) == ["sealed": "sealed:cba"])
        #expect(value(kind.masked(stored)) == .string(Secret.mask))
    }

    @Test("The mask keeps the stored secret, and another text replaces it")
    func masks() throws {
        let stored = try kind.sealed(DefinitionRig.source("loyalty", key: "abc"), stored: nil, sealing)
        let kept = try kind.sealed(DefinitionRig.source("loyalty", key: Secret.mask), stored: stored, sealing)
        #expect(value(kept) == ["sealed": "sealed:cba"])
        let changed = try kind.sealed(DefinitionRig.source("loyalty", key: "xyz"), stored: stored, sealing)
        #expect(value(changed) == ["sealed": "sealed:zyx"])
    }

    @Test("A secret that is left out is kept only while everything beside it is the same")
    func leftOut() throws {
        let stored = try kind.sealed(DefinitionRig.source("loyalty", key: "abc"), stored: nil, sealing)
        var same = DefinitionRig.source("loyalty")
        same["authentication"] = ["type": "apiKey", "name": "x-key"]
        #expect(value(try kind.sealed(same, stored: stored, sealing)) == ["sealed": "sealed:cba"])
        same["authentication"] = ["type": "apiKey", "name": "another"]
        #expect(value(try kind.sealed(same, stored: stored, sealing)) == nil)
    }

    @Test("What was sealed elsewhere, or a mask with nothing behind it, is refused")
    func refused() {
        var foreign = DefinitionRig.source("loyalty")
        foreign["authentication"] = ["type": "apiKey", "name": "x-key", "value": ["sealed": "sealed:cba"]]
        #expect(throws: DefinitionError.self) { try kind.sealed(foreign, stored: nil, sealing) }
        let masked = DefinitionRig.source("loyalty", key: Secret.mask)
        #expect(throws: DefinitionError.self) { try kind.sealed(masked, stored: nil, sealing) }
    }

    @Test("An export leaves secrets out and names where they were")
    func export() throws {
        var stored = try kind.sealed(DefinitionRig.source("loyalty", key: "abc"), stored: nil, sealing)
        stored["revision"] = 4
        let (document, secrets) = kind.withoutSecrets(stored)
        #expect(secrets == ["/authentication/value"])
        #expect(value(document) == nil)
        #expect(document["revision"] == nil)
    }

    @Test("Hidden members are neither shown nor set, and stay over a change")
    func hidden() throws {
        let inlets = DefinitionKind.inlets
        let stored: JSONObject = ["name": "web", "keyHash": "ab12"]
        #expect(inlets.masked(stored) == ["name": "web"])
        #expect(try inlets.sealed(["name": "web"], stored: stored, sealing)["keyHash"] == "ab12")
        #expect(throws: DefinitionError.self) {
            try inlets.sealed(["name": "web", "keyHash": "other"], stored: stored, sealing)
        }
    }
}

@Suite("Who uses a definition")
struct DefinitionUseTests {
    let record = StoredDefinition(
        name: "welcome", revision: 3,
        document: [
            "draft": ["name": "welcome"], "uses": ["sources": ["loyalty"], "events": ["orderPlaced"]],
            "versions": [
                ["version": 1, "state": "finished", "uses": ["sources": ["weather"]]],
                ["version": 2, "state": "live", "uses": ["sources": ["loyalty", "weather"]]],
            ],
        ])

    @Test("The draft and the versions that did not end count")
    func counted() {
        let uses = DefinitionUse.uses(in: record, of: .dataSources, "loyalty")
        #expect(uses.map(\.state) == ["draft", "live"])
        #expect(uses.map(\.version) == [nil, 2])
        #expect(DefinitionUse.uses(in: record, of: .dataSources, "weather").map(\.version) == [2])
        #expect(DefinitionUse.uses(in: record, of: .events, "orderPlaced").count == 1)
        #expect(DefinitionUse.uses(in: record, of: .actions, "loyalty").isEmpty)
    }

    @Test("A filter asks for equal members, and for text in name or description", arguments: [
        (["name": "loyalty"], true), (["name": "other"], false), (["text": "LOYAL"], true), (["text": "points"], true),
        (["text": "weather"], false), (["text": "loyal", "kind": "x"], false), ([:], true),
    ] as [(JSONObject, Bool)])
    func filters(filter: JSONObject, holds: Bool) {
        #expect(DefinitionFilter(filter).holds(["name": "loyalty", "description": "Tiers and points"]) == holds)
    }
}
