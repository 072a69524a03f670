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

        @Test("Every function is listed with its signatures")
        func functions() async throws {
            let items =
                try await suite.call(.journeyExecution, "expressions.functions")["items"]?.arrayValue ?? []
            #expect(items.contains { $0["name"] == "concat" })
            #expect(Set(items.compactMap { $0["name"]?.stringValue }).count == items.count)
        }
    }
}
