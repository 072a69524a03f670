import Foundation
import HTTPClient
import Models
import Redis
import Synchronization
import TestKit
import Testing

/// Audiences with real processes: data-source-fetching keeps them, and whatever is told lies in the inboxes.
@Suite("Audiences with real processes", .serialized)
struct AudienceTests {
    @Test("Ten thousand profiles are evaluated with progress")
    func many() async throws {
        let suite = try await SojournSuite.start(SuiteSettings(services: [.dataSourceFetching]))
        try await suite.upsert((0..<10_000).map { ("\($0)", ["n": .integer(Int64($0))]) })
        let began = ContinuousClock.now
        try await suite.call(.dataSourceFetching, "audiences.create", ["name": "even", "rule": "n % 2 == 0"])
        var states: [(String, Int64)] = []
        try await eventually(within: .seconds(60), "everyone is evaluated") {
            let shown = try await suite.call(.dataSourceFetching, "audiences.get", ["name": "even"])
            let evaluation = shown["evaluation"] ?? .null
            #expect(evaluation["total"] == 10_000)
            states.append((evaluation["state"]?.stringValue ?? "", evaluation["done"]?.integerValue ?? -1))
            return evaluation["state"] == "done"
        }
        let took = ContinuousClock.now - began
        print("10,000 profiles evaluated in \(took), seen \(states.count) times")
        #expect(states.map(\.1) == states.map(\.1).sorted())
        #expect(states.last?.1 == 10_000)
        #expect(try await suite.members("even").count == 5_000)
        #expect(try await suite.moves().isEmpty)
        await suite.close()
    }

    @Test("A walk whose process is killed again and again reaches everyone, and tells each once")
    func killedWalk() async throws {
        let suite = try await SojournSuite.start(SuiteSettings(services: [.dataSourceFetching]))
        try await suite.upsert((0..<6_000).map { ("\($0)", ["n": .integer(Int64($0))]) })
        let process = suite.service(.dataSourceFetching)
        try await suite.call(
            .dataSourceFetching, "audiences.create", ["name": "third", "rule": "n % 3 == 0", "announce": true])
        for target in stride(from: Int64(0), to: 5_000, by: 1_000) {
            try await eventually(within: .seconds(30), "\(target) are evaluated") {
                try await suite.evaluated("third") > target
            }
            process.kill9()
            try await process.restart()
        }
        try await suite.waitUntilEvaluated("third", within: .seconds(60))
        #expect(try await suite.members("third") == Set(stride(from: 0, to: 6_000, by: 3).map { "\($0)" }))
        let moves = try await suite.moves()
        #expect(moves.count == 2_000)
        #expect(Set(moves.map(\.person)).count == 2_000)
        await suite.close()
    }

    @Test("Profiles written while processes are killed move each person in and out in turn, and never twice")
    func killedWrites() async throws {
        let suite = try await SojournSuite.start(SuiteSettings(services: [.dataSourceFetching]))
        try await suite.call(.dataSourceFetching, "audiences.create", ["name": "gold", "rule": "tier == \"gold\""])
        try await suite.waitUntilEvaluated("gold")
        let process = suite.service(.dataSourceFetching)
        let isDone = Flag()
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for person in 0..<8 {
                group.addTask {
                    var random = Draws(state: seed &+ UInt64(person))
                    while !isDone.isSet {
                        let tier: JSONValue = random.next() % 2 == 0 ? "gold" : "silver"
                        // A call whose process died is made again, though it may have been done.
                        try await eventually(within: .seconds(60), "the profile is written") {
                            (try? await suite.call(
                                .dataSourceFetching, "profiles.upsert",
                                ["namespace": "crmId", "id": .string("\(person)"), "attributes": ["tier": tier]]))
                                != nil
                        }
                    }
                }
            }
            for round in 1...6 {
                let before = try await suite.moves().count
                try await eventually(within: .seconds(30), "people move, round \(round)") {
                    try await suite.moves().count > before + 20
                }
                process.kill9()
                try await process.restart()
            }
            isDone.set()
            try await group.waitForAll()
        }
        let moves = try await suite.moves()
        let members = try await suite.members("gold")
        for person in (0..<8).map({ "\($0)" }) {
            let own = moves.filter { $0.person == person }.map(\.change)
            let expected = own.indices.map { $0 % 2 == 0 ? "entered" : "exited" }
            #expect(own == expected, "person \(person)")
            let profile = try await suite.call(
                .dataSourceFetching, "profiles.get", ["namespace": "crmId", "id": .string(person)])
            let isGold = profile["attributes"]?["tier"] == "gold"
            #expect(members.contains(person) == isGold)
            #expect((own.last == "entered") == isGold)
        }
        await suite.close()
    }

    @Test("An inbox at its cap refuses events and takes changes of membership")
    func fullInbox() async throws {
        let settings = SuiteSettings(
            services: [.eventIngestion, .dataSourceFetching], partitions: 1,
            environment: [.eventIngestion: ["SOJOURN_INBOX_MAX": "10"]])
        let suite = try await SojournSuite.start(settings)
        let shop = try await Shop.open(suite, "full", only: ["schema", "event", "inlet"])
        for number in 0..<10 { try await shop.send(shop.event("p\(number)", id: "\(number)")) }
        try await expectRefusal(-32029) { try await shop.send(shop.event("more", id: "more")) }
        try await suite.call(.dataSourceFetching, "audiences.create", ["name": "ones", "rule": "x == 1"])
        try await suite.waitUntilEvaluated("ones")
        try await suite.upsert([("a", ["x": 1]), ("b", ["x": 1])])
        #expect(Set(try await suite.moves().map(\.person)) == ["a", "b"])
        await suite.close()
    }

    @Test("A journey asks whether its person is in an audience, and the engine takes every change")
    func inJourney() async throws {
        let suite = try await SojournSuite.start(
            SuiteSettings(services: [.eventIngestion, .dataSourceFetching, .journeyExecution]))
        let shop = try await Shop.open(suite, "aud", only: ["schema", "event", "inlet"])
        try await suite.call(.dataSourceFetching, "audiences.create", ["name": "good", "rule": "tier == \"gold\""])
        try await suite.call(
            .dataSourceFetching, "audiences.create", ["name": "best", "rule": "inAudience(\"good\") and n > 1"])
        try await shop.publish(
            shop.journey(
                "ask",
                [
                    [
                        "id": "ask", "type": "condition",
                        "paths": [["label": "best", "next": "yes", "when": "inAudience(\"best\")"]],
                        "otherwise": ["next": "no"],
                    ], ["id": "yes", "type": "wait", "for": "P1D"], ["id": "no", "type": "wait", "for": "P1D"],
                ]))
        try await suite.upsert([("aud-in", ["tier": "gold", "n": 2]), ("aud-out", ["tier": "gold", "n": 1])])
        for person in ["in", "out", "nobody"] { try await shop.send(shop.event(person, id: person)) }
        try await shop.waiting("in", at: "yes")
        try await shop.waiting("out", at: "no")
        try await shop.waiting("nobody", at: "no")
        // A changed rule is what the next event is handled by.
        try await suite.call(.dataSourceFetching, "audiences.update", ["name": "good", "rule": "tier == \"silver\""])
        try await suite.upsert([("aud-late", ["tier": "silver", "n": 2])])
        try await shop.send(shop.event("late", id: "late"))
        try await shop.waiting("late", at: "yes")
        try await expectRefusal(-32010) {
            try await suite.call(.dataSourceFetching, "audiences.delete", ["name": "best"])
        }
        try await eventually(within: .seconds(20), "the inboxes are empty") { try await suite.moves().isEmpty }
        for partition in 0..<4 {
            let parked = try await suite.redisClient.slow.send(
                RedisCommand("LLEN", suite.key("inbox:dead", partition))
            ).requireInteger()
            #expect(parked == 0)
        }
        await suite.close()
    }

    @Test("A journey that updates a profile moves its person into an audience, and that enters another journey once")
    func updatedByJourney() async throws {
        let suite = try await SojournSuite.start(
            SuiteSettings(services: [.eventIngestion, .dataSourceFetching, .journeyExecution]))
        let shop = try await Shop.open(suite, "upd", only: ["schema", "event", "inlet"])
        try await suite.call(.dataSourceFetching, "audiences.create", ["name": "good", "rule": "tier == \"gold\""])
        try await suite.waitUntilEvaluated("good")
        try await shop.publish(
            shop.journey(
                "update",
                [
                    ["id": "set", "type": "updateProfile", "field": "tier", "value": "\"gold\"", "next": "stay"],
                    ["id": "stay", "type": "wait", "for": "P1D"],
                ]))
        let welcome: JSONValue = [
            "name": "welcome_upd",
            "nodes": [
                ["id": "in", "type": "audience", "audience": "good", "change": "entered", "next": "welcomed"],
                ["id": "welcomed", "type": "wait", "for": "P1D"],
            ],
        ]
        try await shop.publish(welcome)
        try await suite.upsert([("upd-old", ["tier": "silver", "name": "Ada"])])
        for person in ["old", "new"] {
            try await shop.send(shop.event(person, id: person))
            try await shop.waiting(person, at: "stay")
            try await shop.waiting(person, at: "welcomed")
        }
        #expect(try await suite.members("good") == ["upd-old", "upd-new"])
        let profile = try await suite.call(
            .dataSourceFetching, "profiles.get", ["namespace": "crmId", "id": "upd-old"])
        #expect(profile["attributes"] == ["tier": "gold", "name": "Ada"])
        #expect(profile["revision"] == 2)
        // The same value again changes nothing and tells nobody.
        try await shop.send(shop.event("old", id: "again"))
        try await eventually(within: .seconds(20), "the second event is handled") {
            try await shop.instances("old").count { $0["node"] == "stay" } >= 1
        }
        #expect(try await shop.instances("old").count { $0["node"] == "welcomed" } == 1)
        await suite.close()
    }

    @Test("The command line tool applies and exports audiences")
    func commandLine() async throws {
        let suite = try await SojournSuite.start(
            SuiteSettings(
                services: [.eventIngestion, .dataSourceFetching, .journeyExecution, .actionDispatch, .journeyReporting])
        )
        let folder = suite.folder.file("documents")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let yaml = "audience: {name: gold, rule: 'tier == \"gold\"', announce: true}\n"
        try yaml.write(toFile: folder + "/audience.yaml", atomically: true, encoding: .utf8)
        let first = try await suite.sojourn("apply", folder)
        #expect(first.status == 0 && first.output.contains("created audience gold"), "\(first)")
        let second = try await suite.sojourn("apply", folder)
        #expect(second.output.contains("unchanged audience gold"), "\(second)")
        let target = suite.folder.file("export")
        let exported = try await suite.sojourn("export", target)
        #expect(exported.status == 0, "\(exported)")
        let text = try String(contentsOfFile: target + "/audiences/gold.json", encoding: .utf8)
        let document = try JSONValue.parse(text)["audience"]
        #expect(document == ["name": "gold", "rule": "tier == \"gold\"", "announce": true])
        await suite.close()
    }
}

/// What the tasks of a test look at to see that it is over.
private final class Flag: Sendable {
    private let value = Atomic<Bool>(false)
    var isSet: Bool { value.load(ordering: .relaxed) }
    func set() { value.store(true, ordering: .relaxed) }
}

/// SplitMix64: the same seed gives the same draws.
private struct Draws {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension SojournSuite {
    /// The changes of membership that lie in the inboxes, each inbox in its order.
    func moves() async throws -> [(person: String, change: String)] {
        var moves: [(person: String, change: String)] = []
        for partition in 0..<settings.partitions {
            let elements = try await redisClient.slow.send(RedisCommand("LRANGE", key("inbox", partition), 0, -1))
                .requireArray()
            for element in elements.compactMap(\.bytes) {
                let value = try JSONValue.parse(element)
                guard value["kind"] == "audience" else { continue }
                moves.append((value["person"]?.stringValue ?? "", value["change"]?.stringValue ?? ""))
            }
        }
        return moves
    }
}
