import Models
import TestKit
import Testing

extension SharedSuite {
    @Suite("Expressions over JSON-RPC")
    struct ExpressionMethodTests {
        private let suite: SojournSuite

        init() throws { suite = try RunningSuite.current }

        @Test("An expression is checked against what is known at its place")
        func check() async throws {
            let shop = try await Shop.open(suite, "expr")
            let name = shop.placed
            let known = try await suite.call(
                .journeyExecution, "expressions.check",
                [
                    "expression": .string("@event{\(name).order.total} > 10"), "expects": "boolean",
                    "context": ["event": .string(name)],
                ])
            #expect(known["type"] == "boolean")
            let data = try await expectRefusal(-32013) {
                try await suite.call(
                    .journeyExecution, "expressions.check",
                    [
                        "expression": .string("@event{\(name).order.totl} > 10"), "context": ["event": .string(name)],
                    ])
            }
            #expect(data["line"] == 1 && (data["column"]?.integerValue ?? 0) >= 1)
            #expect(data["suggestion"]?.stringValue?.contains("total") == true, "\(data.text)")
            try await expectRefusal(-32013) {
                try await suite.call(
                    .journeyExecution, "expressions.check", ["expression": "1 + 2", "expects": "boolean"])
            }
            _ = try await suite.call(
                .journeyExecution, "journeys.create",
                shop.journey("draft", [shop.say("first", "hello", next: "second"), shop.say("second", "again")]))
            let response = "@action{\(shop.action).id} == \"m-1\""
            let later = try await suite.call(
                .journeyExecution, "expressions.check",
                ["expression": .string(response), "context": ["journey": "draft_expr", "node": "second"]])
            #expect(later["type"] == "boolean")
        }

        @Test(
            "An expression is evaluated over given values",
            arguments: [
                ("@event{o.total} > 10", ["event": ["o": ["total": 12]]], true),
                ("concat(\"Hello, \", #{profile.firstName})", ["profile": ["firstName": "Ada"]], "Hello, Ada"),
                ("1 + 2 * 3", [:], 7),
            ] as [(String, JSONValue, JSONValue)])
        func evaluate(expression: String, values: JSONValue, expected: JSONValue) async throws {
            let answer = try await suite.call(
                .journeyExecution, "expressions.evaluate", ["expression": .string(expression), "values": values])
            #expect(answer["value"] == expected)
        }

        @Test("Trying an expression tells what each part gave, and how far it came where it failed")
        func parts() async throws {
            let values: JSONValue = ["profile": ["points": 120, "tier": "gold"]]
            let answer = try await suite.call(
                .journeyExecution, "expressions.evaluate",
                [
                    "expression": "#{profile.points} > 100 or #{profile.tier} == \"gold\"", "values": values,
                    "parts": true,
                ])
            #expect(answer["value"] == true && answer["type"] == "boolean")
            let parts = answer["parts"]?.arrayValue ?? []
            #expect(parts.count == 5)
            #expect(parts.first { $0["text"] == "#{profile.points}" }?["value"] == 120)
            #expect(parts.first { $0["text"] == "#{profile.tier}" }?["notEvaluated"] == true)
            #expect(parts[1]["column"] == 1 && parts[1]["length"] == 23 && parts[1]["line"] == 1)
            let data = try await expectRefusal(-32013) {
                try await suite.call(
                    .journeyExecution, "expressions.evaluate",
                    ["expression": "#{profile.points} * 9223372036854775807", "values": values, "parts": true])
            }
            #expect(data["code"] == "overflow" && data["line"] == 1)
            #expect(data["parts"]?[1]?["value"] == 120, "\(data.text)")
        }

        @Test("An error of an expression says all that is known of it")
        func errorData() async throws {
            let data = try await expectRefusal(-32013) {
                try await suite.call(
                    .journeyExecution, "expressions.evaluate",
                    ["expression": "1 +\n lenght(\"a\")", "values": [:]])
            }
            #expect(data["code"] == "unknownFunction" && data["line"] == 2 && data["column"] == 2)
            #expect(data["length"] == 6 && data["text"] == "lenght" && data["suggestion"] == "length")
        }

        @Test("The same seed draws the same, another one another")
        func seeds() async throws {
            var drawn: [JSONValue] = []
            for seed in [1, 1, 2] as [JSONValue] {
                let answer = try await suite.call(
                    .journeyExecution, "expressions.evaluate", ["expression": "uuid()", "seed": seed])
                drawn.append(answer["value"] ?? .null)
            }
            #expect(drawn[0] == drawn[1] && drawn[0] != drawn[2])
        }

        @Test("Completion offers the fields that exist at the node, with what the schema says of them")
        func complete() async throws {
            let shop = try await Shop.open(suite, "compl")
            _ = try await suite.call(
                .journeyExecution, "journeys.create",
                shop.journey("draft", [shop.say("first", "hello", next: "second"), shop.say("second", "again")]))
            func labels(_ text: String, at node: String) async throws -> [String] {
                let answer = try await suite.call(
                    .journeyExecution, "expressions.complete",
                    [
                        "expression": .string(text), "cursor": JSONValue(text.utf16.count),
                        "context": ["journey": "draft_compl", "node": .string(node)],
                    ])
                return (answer["items"]?.arrayValue ?? []).compactMap { $0["label"]?.stringValue }
            }
            #expect(try await labels("@event{", at: "first") == [shop.placed])
            #expect(try await labels("@event{\(shop.placed).order.t", at: "first") == ["total"])
            #expect(try await labels("@action{", at: "first") == [])
            #expect(try await labels("@action{", at: "second") == [shop.action])
            #expect(try await labels("#{\(shop.source).account.", at: "first").contains("points"))
            #expect(
                try await labels("#{\(shop.source).account.tier, params: {", at: "first") == ["memberId"])
            let own = try await suite.call(
                .journeyExecution, "expressions.check",
                [
                    "expression": .string("@event{\(shop.delivered).any.thing} == 1"), "expects": "boolean",
                    "context": ["event": .string(shop.delivered), "own": true],
                ])
            #expect(own["type"] == "boolean" && own["warnings"]?[0]?["code"] == "unknownField")
            let answer = try await suite.call(
                .journeyExecution, "expressions.complete", ["expression": "\"👩\" + rou(1)", "cursor": 10])
            #expect(answer["replace"] == ["from": 7, "to": 10])
            #expect(answer["items"]?[0]?["insert"] == "round" && answer["items"]?[0]?["kind"] == "function")
        }

        @Test("Rows become text and rows again; where there are none it is said why")
        func rows() async throws {
            let text = "#{profile.tier} == \"gold\" and not (inLastDays(#{profile.seen}, 30))"
            let rows = try await suite.call(.journeyExecution, "expressions.toRows", ["expression": .string(text)])
            let back = try await suite.call(
                .journeyExecution, "expressions.fromRows", ["rows": rows["rows"] ?? .null])
            #expect(back["expression"] == .string(text))
            let none = try await suite.call(
                .journeyExecution, "expressions.toRows", ["expression": "length(#{profile.a}) > 3"])
            #expect(none["rows"] == nil && none["reason"]?.stringValue?.isEmpty == false && none["column"] == 1)
            let problems = try await expectRefusal(-32602) {
                try await suite.call(
                    .journeyExecution, "expressions.fromRows",
                    ["rows": ["operator": "and", "rows": [["operator": "x"]]]])
            }
            #expect(problems["problems"]?[0]?["path"] == "/rows/rows/0/operator", "\(problems.text)")
            let typed = try await suite.call(
                .journeyExecution, "expressions.toRows",
                ["expression": "#{profile.firstName} == \"Ada\"", "context": [:]])
            #expect(typed["types"]?["#{profile.firstName}"] != nil)
        }

        @Test("Every function is listed with its signatures")
        func functions() async throws {
            let items =
                try await suite.call(.journeyExecution, "expressions.functions")["items"]?.arrayValue ?? []
            #expect(items.contains { $0["name"] == "concat" })
            #expect(Set(items.compactMap { $0["name"]?.stringValue }).count == items.count)
        }
    }
}
