import Foundation
import Models
import TestKit
import Testing

extension SharedSuite {
    @Suite("The life of journeys")
    struct JourneyLifeTests {
        private let suite: SojournSuite

        init() throws { suite = try RunningSuite.current }

        private func journeys(_ method: String, _ params: JSONValue) async throws -> JSONValue {
            try await suite.call(.journeyExecution, "journeys.\(method)", params)
        }

        @Test("Two versions are compared by node and field, by default the newest with the one before")
        func difference() async throws {
            let shop = try await Shop.open(suite, "diff")
            let name = try await shop.publish(shop.journey("flow", [["id": "rest", "type": "wait", "for": "P1D"]]))
            let same = try await journeys("diff", ["name": .string(name), "from": 1, "to": 1])
            #expect(same["same"] == true && same["nodes"] == [])
            try await expectRefusal(-32004) { try await journeys("diff", ["name": .string(name)]) }

            _ = try await journeys("newVersion", ["name": .string(name)])
            _ = try await journeys("update", shop.journey("flow", [["id": "rest", "type": "wait", "for": "P2D"]]))
            let draft = try await journeys("diff", ["name": .string(name)])
            #expect(draft["from"] == 1 && draft["to"] == "draft" && draft["same"] == false)
            #expect(
                draft["nodes"] == [
                    [
                        "node": "rest", "change": "changed", "type": "wait",
                        "fields": [["field": "/for", "change": "changed", "from": "P1D", "to": "P2D"]],
                    ]
                ])
            let told = try await suite.sojourn("diff", name)
            #expect(told.output.contains("~ rest/for: \"P1D\" → \"P2D\""), "\(told.output)\(told.errors)")
            try await expectRefusal(-32004) { try await journeys("diff", ["name": .string(name), "to": 7]) }
        }

        @Test("Of a live version labels may change and nothing else")
        func labels() async throws {
            let shop = try await Shop.open(suite, "label")
            let rest: JSONValue = ["id": "rest", "type": "wait", "for": "P1D"]
            let name = try await shop.publish(shop.journey("flow", [rest]))
            try await shop.send(shop.event("a", id: "1"))
            try await shop.waiting("a", at: "rest")

            var labelled =
                shop.journey("flow", [["id": "rest", "type": "wait", "for": "P1D", "label": "A day off"]])
                .objectValue ?? [:]
            labelled["version"] = 1
            let changed = try await journeys("update", .object(labelled))
            #expect(changed["version"] == 1 && changed["state"] == "live" && changed["hasDraft"] == false)
            #expect(changed["nodes"]?.text.contains("A day off") == true)
            try await shop.waiting("a", at: "rest")

            var other = shop.journey("flow", [["id": "rest", "type": "wait", "for": "P2D"]]).objectValue ?? [:]
            other["version"] = 1
            let data = try await expectRefusal(-32011) { try await journeys("update", .object(other)) }
            #expect(data["changes"]?["nodes"]?[0]?["fields"]?[0]?["field"] == "/for", "\(data.text)")
            try await expectRefusal(-32004) {
                try await journeys("update", ["name": .string(name), "version": 2, "description": "x"])
            }
        }

        @Test("A journey goes to another name with all that it needs, secrets left out and named")
        func bundle() async throws {
            let shop = try await Shop.open(suite, "bundle")
            var action = shop.actionDefinition.objectValue ?? [:]
            action["authentication"] = ["type": "apiKey", "name": "x-key", "value": "hush-hush", "in": "header"]
            try await suite.call(.actionDispatch, "actions.update", .object(action))
            let condition: JSONValue = [
                "id": "tier", "type": "condition",
                "paths": [["label": "gold", "next": "say", "when": shop.isGold()]],
            ]
            let name = try await shop.publish(shop.journey("flow", [condition, shop.say("say", "hello")]))
            let bundle = try await journeys("export", ["name": .string(name)])
            #expect(!bundle.text.contains("hush-hush"))
            #expect(
                bundle["secrets"] == [
                    ["kind": "action", "name": .string(shop.action), "path": "/authentication/value"]
                ])
            let kinds = (bundle["documents"]?.arrayValue ?? []).compactMap { $0.objectValue?.keys.first { _ in true } }
            #expect(kinds == ["schema", "event", "dataSource", "action", "journey"])
            #expect(bundle["missing"] == [])

            let tried = try await journeys("import", ["bundle": bundle, "as": "copy_bundle", "dryRun": true])
            #expect(tried["results"]?[0] == ["kind": "journey", "name": "copy_bundle", "result": "created"])
            try await expectRefusal(-32004) { try await journeys("get", ["name": "copy_bundle"]) }
            #expect(try await journeys("import", ["bundle": bundle])["results"]?[0]?["result"] == "unchanged")

            let file = suite.folder.file("bundle.json")
            try bundle.text.write(toFile: file, atomically: true, encoding: .utf8)
            let run = try await suite.sojourn("import", file, "--as", "copy_bundle")
            #expect(run.status == 0, "\(run.output)\(run.errors)")
            #expect(run.output.contains("created journey copy_bundle"))
            #expect(run.output.contains("a secret is left out: action \(shop.action) /authentication/value"))
            let made = try await journeys("get", ["name": "copy_bundle"])
            #expect(
                made["state"] == "draft" && made["nodes"] == bundle["documents"]?.arrayValue?.last?["journey"]?["nodes"]
            )
        }

        @Test("A journey whose needs are not here is not imported, and they are named")
        func incomplete() async throws {
            let bundle: JSONValue = [
                "journey": "lost_imp",
                "documents": [
                    ["action": ["name": "nobodys_imp"]],
                    [
                        "journey": [
                            "name": "lost_imp", "nodes": [["id": "a", "type": "action", "action": "nobodys_imp"]],
                        ]
                    ],
                ],
            ]
            let tried = try await journeys("import", ["bundle": bundle, "dryRun": true])
            #expect(tried["missing"] == [["kind": "action", "name": "nobodys_imp"]])
            let data = try await expectRefusal(-32602) { try await journeys("import", ["bundle": bundle]) }
            #expect(data["problems"]?[0]?["path"] == "/bundle/documents/0", "\(data.text)")
            try await expectRefusal(-32004) { try await journeys("get", ["name": "lost_imp"]) }
        }

        @Test("A name that is taken by another journey refuses the import")
        func taken() async throws {
            _ = try await journeys("create", ["name": "mine_take", "description": "mine"])
            let bundle: JSONValue = ["journey": "mine_take", "documents": [["journey": ["name": "mine_take"]]]]
            try await expectRefusal(-32009) { try await journeys("import", ["bundle": bundle]) }
            #expect(try await journeys("get", ["name": "mine_take"])["description"] == "mine")
        }

        @Test("A journey that others jump into is deleted after them")
        func jumpedInto() async throws {
            _ = try await journeys("create", ["name": "target_del"])
            let jump: JSONValue = ["id": "j", "type": "jump", "journey": "target_del"]
            _ = try await journeys("create", ["name": "origin_del", "nodes": [jump]])
            let data = try await expectRefusal(-32010) { try await journeys("delete", ["name": "target_del"]) }
            #expect(data["usedIn"]?[0]?["name"] == "origin_del")
            _ = try await journeys("delete", ["name": "origin_del"])
            _ = try await journeys("delete", ["name": "target_del"])
        }

        @Test("The command line makes a copy, closes and stops")
        func commands() async throws {
            let shop = try await Shop.open(suite, "cmd")
            let name = try await shop.publish(shop.journey("flow", [["id": "rest", "type": "wait", "for": "P1D"]]))
            let copied = try await suite.sojourn("duplicate", name, "copy_cmd")
            #expect(copied.status == 0 && copied.output.contains("made copy_cmd"), "\(copied.errors)")
            #expect(try await journeys("get", ["name": "copy_cmd"])["state"] == "draft")
            let closed = try await suite.sojourn("close", name)
            #expect(closed.output.hasPrefix("closed \(name)"), "\(closed.output)\(closed.errors)")
            let stopped = try await suite.sojourn("stop", name)
            #expect(stopped.output.hasPrefix("stopped \(name)"), "\(stopped.output)\(stopped.errors)")
            let again = try await suite.sojourn("close", name)
            #expect(again.status == 1)
        }
    }
}
