import Definitions
import Foundation
import JSONRPC
import Models
import Queues
import Redis
import Synchronization
import TestKit
import Testing

@testable import DataSourceFetching

@Suite("Audiences")
struct AudienceTests {
    private func run(
        now: (@Sendable () -> Int64)? = nil, _ body: (FetchingRig) async throws -> Void
    ) async throws {
        try await FetchingRig.run(
            options: { options in if let now { options.now = now } }, answer: { _ in .answer(200) }, body)
    }

    @Test("A new audience finds everyone silently; then each change is told once")
    func evaluated() async throws {
        try await run { rig in
            for number in 0..<30 {
                try await rig.upsert("\(number)", ["tier": .string(number % 3 == 0 ? "gold" : "silver")])
            }
            let made = try await rig.call("audiences.create", ["name": "gold", "rule": "tier == \"gold\""])
            #expect(made["revision"] == 1)
            #expect(made["ruleRevision"] == nil)
            try await rig.evaluated("gold")
            let shown = try await rig.call("audiences.get", ["name": "gold"])
            #expect(shown["members"] == 10)
            #expect(shown["evaluation"] == ["state": "done", "done": 30, "total": 30])
            #expect(try await rig.moves().isEmpty)
            let expected = Set((0..<30).filter { $0 % 3 == 0 }.map { "\($0)" })
            #expect(Set(try await rig.members("gold")) == expected)

            try await rig.upsert("1", ["tier": "gold"])
            try await rig.upsert("1", ["tier": "gold", "name": "Ada"])
            try await rig.upsert("0", ["tier": "silver"])
            try await rig.upsert("new", ["tier": "gold"])
            try await rig.upsert("plain", ["name": "Bea"])
            #expect(try await rig.moves().sorted() == ["0 exited gold", "1 entered gold", "new entered gold"])
            #expect(try await rig.call("audiences.get", ["name": "gold"])["members"] == 11)
        }
    }

    @Test("Members come page by page")
    func pages() async throws {
        try await run { rig in
            for number in 0..<25 { try await rig.upsert("\(number)", ["x": 1]) }
            _ = try await rig.call("audiences.create", ["name": "all", "rule": "x == 1"])
            try await rig.evaluated("all")
            var found: [String] = []
            var params: JSONObject = ["name": "all", "limit": 4]
            var pages = 0
            repeat {
                let page = try await rig.call("audiences.members", params)
                found += (page["items"]?.arrayValue ?? []).compactMap { $0["id"]?.stringValue }
                params["cursor"] = page["cursor"]
                pages += 1
            } while params["cursor"] != nil && pages < 100
            #expect(found.count == 25)
            #expect(Set(found).count == 25)
        }
    }

    @Test("A changed rule is evaluated anew: silently, or told where the audience says so")
    func changedRule() async throws {
        try await run { rig in
            for (id, points) in [("a", 5), ("b", 15), ("c", 25)] {
                try await rig.upsert(id, ["points": .integer(Int64(points))])
            }
            _ = try await rig.call("audiences.create", ["name": "rich", "rule": "points > 10"])
            try await rig.evaluated("rich")
            #expect(try await rig.members("rich").sorted() == ["b", "c"])
            _ = try await rig.call("audiences.update", ["name": "rich", "rule": "points > 20"])
            try await rig.evaluated("rich")
            #expect(try await rig.members("rich") == ["c"])
            #expect(try await rig.moves().isEmpty)
            _ = try await rig.call("audiences.update", ["name": "rich", "rule": "points < 20", "announce": true])
            try await rig.evaluated("rich")
            #expect(try await rig.members("rich").sorted() == ["a", "b"])
            #expect(try await rig.moves().sorted() == ["a entered rich", "b entered rich", "c exited rich"])
            // What is no change of the rule evaluates nothing; nothing is left of the earlier rules.
            _ = try await rig.call("audiences.update", ["name": "rich", "description": "Who has little."])
            #expect(try await rig.call("audiences.get", ["name": "rich"])["evaluation"]?["state"] == "done")
            #expect(try await rig.audienceKeys().count == 1)
        }
    }

    @Test("An audience that names another follows the other's changes")
    func nested() async throws {
        try await run { rig in
            for (id, tier) in [("a", "gold"), ("b", "silver")] {
                try await rig.upsert(id, ["tier": .string(tier), "age": 30])
            }
            _ = try await rig.call("audiences.create", ["name": "good", "rule": "tier == \"gold\""])
            _ = try await rig.call("audiences.create", ["name": "adults", "rule": "inAudience(\"good\") and age > 18"])
            try await rig.evaluated("adults")
            #expect(try await rig.members("adults") == ["a"])
            _ = try await rig.call("audiences.update", ["name": "good", "rule": "tier == \"silver\""])
            try await rig.evaluated("adults")
            #expect(try await rig.members("adults") == ["b"])
            try await rig.upsert("a", ["tier": "silver"])
            #expect(try await rig.moves().sorted() == ["a entered adults", "a entered good"])

            let circle = await rig.failure {
                try await rig.call("audiences.update", ["name": "good", "rule": "inAudience(\"adults\")"])
            }
            #expect(circle?.code == .invalidParams)
            #expect(circle?.data?["problems"]?[0]?["message"] == "goes round in a circle: good, adults, good")
            let used = await rig.failure { try await rig.call("audiences.delete", ["name": "good"]) }
            #expect(used?.code == .inUse)
            #expect(used?.data?["usedIn"]?[0]?["name"] == "adults")
        }
    }

    @Test("A deleted audience leaves nothing, and made anew it begins anew")
    func deleted() async throws {
        try await run { rig in
            try await rig.upsert("a", ["x": 1])
            _ = try await rig.call("audiences.create", ["name": "ones", "rule": "x == 1"])
            try await rig.evaluated("ones")
            _ = try await rig.call("audiences.delete", ["name": "ones"])
            #expect(await rig.failure { try await rig.call("audiences.get", ["name": "ones"]) }?.code == .notFound)
            try await rig.upsert("a", ["x": 2])
            #expect(try await rig.moves().isEmpty)
            _ = try await rig.call("audiences.create", ["name": "ones", "rule": "x == 1"])
            try await rig.evaluated("ones")
            #expect(try await rig.members("ones").isEmpty)
            try await rig.upsert("a", ["x": 1])
            #expect(try await rig.moves() == ["a entered ones"])
        }
    }

    @Test("A rule with now() is evaluated again each day, and tells what the day changed, once")
    func daily() async throws {
        let clock = Atomic<Int64>(1_767_225_600_000 + 3_600_000)
        try await run(now: { clock.load(ordering: .relaxed) }) { rig in
            try await rig.upsert("a", ["seen": "2026-01-01T00:00:00Z"])
            try await rig.upsert("b", ["seen": "2026-01-05T00:00:00Z"])
            _ = try await rig.call(
                "audiences.create", ["name": "sleepers", "rule": "toDateTime(seen) < nowWithDelta(-3, \"days\")"])
            try await rig.evaluated("sleepers")
            #expect(try await rig.members("sleepers").isEmpty)
            clock.add(4 * 86_400_000, ordering: .relaxed)
            try await eventually(within: .seconds(20), "the next day's evaluation") {
                try await rig.members("sleepers") == ["a"]
            }
            try await rig.evaluated("sleepers")
            #expect(try await rig.moves() == ["a entered sleepers"])
            _ = try await rig.call("audiences.evaluate", ["name": "sleepers", "announce": true])
            try await rig.evaluated("sleepers")
            #expect(try await rig.moves() == ["a entered sleepers"])
        }
    }

    @Test("A number of writes that Redis lost is given anew, so that profiles can be written")
    func lostNumber() async throws {
        try await run { rig in
            let partition = FetchingRig.person.partition(of: 4)
            _ = try await rig.redis.node(forPartition: partition).send(
                RedisCommand("HSET", rig.keys.partition(partition).state, "audiences", "40"))
            try await eventually(within: .seconds(60), "the profile is written") {
                await rig.failure {
                    try await rig.upsert("42", ["x": 1])
                    return .null
                } == nil
            }
        }
    }

    @Test("People whose profiles change during the walk are members by what they are in the end")
    func raced() async throws {
        try await run { rig in
            for number in 0..<400 { try await rig.upsert("\(number)", ["n": 0]) }
            _ = try await rig.call("audiences.create", ["name": "odd", "rule": "n % 2 == 1"])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for lane in 0..<4 {
                    group.addTask {
                        for number in stride(from: lane, to: 400, by: 4) {
                            try await rig.upsert("\(number)", ["n": .integer(Int64(number))])
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await rig.evaluated("odd")
            #expect(try await rig.members("odd").count == 200)
            #expect(Set(try await rig.moves()).count == 200)
            #expect(try await rig.moves().count == 200)
        }
    }

    @Test(
        "What is no rule over the profile is refused with the place of the mistake",
        arguments: ["tier ==", "1 + 1", "@event{x.y} == 1", "inAudience(\"nobody\")"])
    func refused(rule: String) async throws {
        try await run { rig in
            let failure = await rig.failure {
                try await rig.call("audiences.create", ["name": "bad", "rule": .string(rule)])
            }
            #expect(failure?.code == .invalidParams)
            #expect(failure?.data?["problems"]?[0]?["path"] == "/rule")
        }
    }

    @Test("A person's latest events come newest first, page by page, of one definition or all, and none after a year")
    func events() async throws {
        try await run { rig in
            let partition = FetchingRig.person.partition(of: 4)
            let now = Int64(Date().timeIntervalSince1970 * 1_000)
            for number in 0..<5 {
                let kept = KeptEvent(
                    at: number == 0 ? now - KeptEvent.ageMillisecondsMax : now - 1_000 + Int64(number),
                    id: "e-\(number)", events: [number == 2 ? "clicked" : "orderPlaced"],
                    payload: ["n": .integer(Int64(number))])
                _ = try await rig.redis.node(forPartition: partition).send(
                    RedisCommand("LPUSH", rig.keys.partition(partition).events(FetchingRig.person.key), kept.element))
            }
            func page(_ changes: JSONObject) async throws -> (ids: [String], cursor: JSONValue?) {
                var params: JSONObject = ["namespace": "crmId", "id": "42", "limit": 2]
                params.merge(changes)
                let page = try await rig.call("profiles.events", params)
                return (page["items"]?.arrayValue?.compactMap { $0["id"]?.stringValue } ?? [], page["cursor"])
            }
            let first = try await page([:])
            #expect(first.ids == ["e-4", "e-3"])
            let second = try await page(["cursor": first.cursor ?? .null])
            #expect(second.ids == ["e-2", "e-1"])
            let rest = try await page(["cursor": second.cursor ?? "4"])
            #expect(rest.ids == [] && rest.cursor == nil, "the last is a year old")
            let orders = try await page(["event": "orderPlaced", "limit": 10])
            #expect(orders.ids == ["e-4", "e-3", "e-1"] && orders.cursor == nil)
            let clicks = try await page(["event": "clicked", "limit": 1])
            #expect(clicks.ids == ["e-2"])
        }
    }
}

extension FetchingRig {
    func upsert(_ id: String, _ attributes: JSONObject) async throws {
        _ = try await call(
            "profiles.upsert", ["namespace": "crmId", "id": .string(id), "attributes": .object(attributes)])
    }

    /// Waits until everyone was looked at.
    func evaluated(_ audience: String) async throws {
        try await eventually(within: .seconds(30), "\(audience) is evaluated") {
            try await call("audiences.get", ["name": .string(audience)])["evaluation"]?["state"] == "done"
        }
    }

    func members(_ audience: String) async throws -> [String] {
        let page = try await call("audiences.members", ["name": .string(audience), "limit": 1_000])
        return (page["items"]?.arrayValue ?? []).compactMap { $0["id"]?.stringValue }
    }

    /// The changes told so far, as `42 entered gold`.
    func moves() async throws -> [String] {
        var moves: [String] = []
        for partition in 0..<4 {
            let elements = try await redis.node(forPartition: partition)
                .send(RedisCommand("LRANGE", keys.partition(partition).inbox, 0, -1)).requireArray()
            for element in elements {
                guard case .audience(let move) = try Stimulus(bytes: try element.requireBytes()).body else { continue }
                moves.append("\(move.person.id) \(move.change.rawValue) \(move.audience)")
            }
        }
        return moves
    }

    /// The sets of members that there are.
    func audienceKeys() async throws -> Set<String> {
        let names = try await redis.slow.send(RedisCommand("KEYS", "*:audience:*")).requireArray().compactMap(\.text)
        return Set(names.map { String($0.drop { $0 != "}" }) })
    }

    func failure(_ body: () async throws -> JSONValue) async -> RPCError? {
        do {
            _ = try await body()
            return nil
        } catch { return error as? RPCError }
    }
}
