import Models
import TestKit
import Testing

extension SharedSuite {
    @Suite("The command line tool")
    struct CommandLineTests {
        private let suite: SojournSuite

        init() throws { suite = try RunningSuite.current }

        @Test("apply shows a dry run, applies, and finds nothing to change the second time; send and trace follow")
        func examples() async throws {
            let folder = try suite.copy(of: suite.examples, partnersPort: suite.partners.port)
            let tried = try await suite.sojourn("apply", folder, "--dry-run")
            #expect(tried.status == 0, "\(tried.errors)")
            #expect(tried.output.contains("created schema order"))
            try await expectRefusal(-32004) {
                try await suite.call(.eventIngestion, "schemas.get", ["name": "order"])
            }
            let applied = try await suite.sojourn("apply", folder)
            #expect(applied.status == 0, "\(applied.output)\(applied.errors)")
            #expect(applied.output.contains("created journey orderFollowUp"))
            let again = try await suite.sojourn("apply", folder, "--json")
            let results = try JSONValue.parse(again.output).arrayValue ?? []
            #expect(!results.isEmpty && results.allSatisfy { $0["result"] == "unchanged" }, "\(again.output)")

            let sent = try await suite.sojourn("send", "orderPlaced", "--profile", "42", "--set", "order.total=250")
            #expect(sent.status == 0 && sent.output.hasPrefix("accepted"), "\(sent.output)\(sent.errors)")
            #expect(sent.output.contains("orderPlaced for crmId:42"))
            try await eventually("the trace tells of the entry") {
                try await suite.sojourn("trace", "42").output.contains("entered")
            }
            let trace = try JSONValue.parse(try await suite.sojourn("trace", "42", "--json").output)
            #expect(trace[0]?["kind"] == "entered")
            let nobody = try await suite.sojourn("trace", "nobody")
            #expect(nobody.status == 0 && nobody.output.contains("nothing is known"))

            let exported = suite.folder.file("exported")
            #expect(try await suite.sojourn("export", exported).status == 0)
            let taken = try await suite.sojourn("apply", exported, "--dry-run", "--json")
            let changes = try JSONValue.parse(taken.output).arrayValue ?? []
            #expect(!changes.isEmpty && changes.allSatisfy { $0["result"] == "unchanged" }, "\(taken.output)")
        }

        @Test("test and dry-run try a draft out")
        func trials() async throws {
            let shop = try await Shop.open(suite, "clit")
            try await suite.call(
                .dataSourceFetching, "profiles.upsert",
                ["namespace": "crmId", "id": "clit-a", "attributes": ["testProfile": true]])
            let draft = shop.journey("draft", [["id": "rest", "type": "wait", "for": "P3D"]])
            _ = try await suite.call(.journeyExecution, "journeys.create", draft)
            let name = "draft_clit"
            func run(_ arguments: String...) async throws -> String {
                let result = try await suite.run(arguments)
                #expect(result.status == 0, "\(arguments) \(result.errors)")
                return result.output
            }
            let begun = try await run("test", "start", name, "--clock", "2026-01-01T00:00:00Z")
            #expect(begun.contains("its clock stands at 2026-01-01T00:00:00.000Z"), "\(begun)")
            let triggered = try await run(
                "test", "trigger", name, shop.placed, "--profile", "clit-a", "--set", "eventType=clit.order")
            #expect(triggered.hasPrefix("accepted"))
            let moved = try await run("test", "advance", name, "P4D")
            #expect(moved.contains("now it is 2026-01-05T00:00:00.000Z"), "\(moved)")
            try await eventually("the log tells of the end") {
                let log = try await run("test", "log", name, "--profile", "clit-a")
                return log.contains("2026-01-04T00:00:00.000Z") && log.contains("left [finished]")
                    && log.contains("its clock stands at 2026-01-05T00:00:00.000Z")
            }
            #expect(try await run("test", "stop", name).hasPrefix("stopped test-\(name)"))
            #expect(try await suite.sojourn("test", "log", name).status == 1)

            #expect(try await run("dry-run", "start", name).hasPrefix("started dryRun-\(name)"))
            try await shop.send(shop.event("a", id: "1"))
            try await eventually("the dry run tells of the person") {
                try await run("dry-run", "log", name).contains("clit-a")
            }
            #expect(try await run("dry-run", "stop", name, "--json").hasPrefix("{"))
        }

        @Test("functions explains a function, and says what was probably meant by another name")
        func functions() async throws {
            let one = try await suite.sojourn("functions", "substr")
            #expect(one.status == 0, "\(one.errors)")
            #expect(one.output.contains("substr(text: string, begin: integer, end?: integer) → string"))
            let none = try await suite.sojourn("functions", "lenght")
            #expect(none.status == 1 && none.errors.contains("do you mean length?"), "\(none)")
            #expect(try await suite.sojourn("functions", "--group", "nothing").status == 2)
        }

        @Test(
            "What the tool shows is JSON with --json",
            arguments: [
                ["status"], ["queues"], ["journeys"], ["peek", "inbox"], ["peek", "timers:1"], ["methods"],
                ["methods", "event-ingestion"], ["functions"], ["functions", "substr"],
                ["call", "journey-execution", "rpc.ping"],
                ["call", "journey-execution", "expressions.evaluate", #"{"expression":"1 + 2"}"#],
            ])
        func machine(arguments: [String]) async throws {
            let plain = try await suite.run(arguments)
            #expect(plain.status == 0 && !plain.output.isEmpty, "\(plain)")
            let json = try await suite.run(arguments + ["--json"])
            #expect(json.status == 0)
            #expect((try? JSONValue.parse(json.output.trimmed)) != nil, "\(json.output.prefix(300))")
        }

        @Test(
            "Wrong usage ends with 2",
            arguments: [
                ["nonsense"], ["call"], ["call", "nobody", "rpc.ping"], ["call", "console", "rpc.ping", "7"],
                ["send", "orderPlaced"], ["send", "orderPlaced", "--profile", "1", "--set", "x"], ["apply"],
                ["queues", "--unknown"],
            ])
        func usage(arguments: [String]) async throws {
            let result = try await suite.run(arguments)
            #expect(result.status == 2, "\(result)")
            #expect(!result.errors.isEmpty)
        }

        @Test(
            "What is refused ends with 1 and says why",
            arguments: [
                (["call", "journey-execution", "journeys.get", #"{"name":"nobody"}"#], "nobody"),
                (["call", "journey-execution", "no.method"], "-32601"), (["publish", "nobody"], "nobody"),
                (["peek", "nothing"], "nothing"), (["apply", "/nowhere"], "/nowhere"),
                (["send", "nobody", "--profile", "1"], "nobody"),
                (["call", "journey-execution", "expressions.evaluate", #"{"expression":"1 +"}"#], "line 1"),
                (["status", "--key", "sk_wrong"], "-32001"),
            ])
        func refused(arguments: [String], word: String) async throws {
            let result = try await suite.run(arguments)
            #expect(result.status == 1, "\(result)")
            #expect((result.errors + result.output).contains(word), "\(result.errors)")
        }

        @Test("Help and version end with 0", arguments: ["--help", "--version"])
        func help(option: String) async throws {
            let result = try await suite.run([option])
            #expect(result.status == 0 && !result.output.isEmpty)
        }
    }
}

extension String {
    fileprivate var trimmed: String { String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed()) }
}
