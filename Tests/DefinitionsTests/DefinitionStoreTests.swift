import Definitions
import Foundation
import Models
import Queues
import Redis
import TestKit
import Testing

@Suite("The store of definitions")
struct DefinitionStoreTests {
    @Test("Each write gets the next revision, and what is read is what was written")
    func revisions() async throws {
        try await withRig { rig in
            let made = try await rig.store.create(.schemas, ["name": "order", "kind": "event"], by: rig.author)
            #expect(made.revision == 1)
            let changed = try await rig.store.update(.schemas, "order", by: rig.author) { old in
                ["name": "order", "kind": .string("\(old.document["kind"]?.stringValue ?? "")2")]
            }
            #expect(changed.revision == 2)
            #expect(try await rig.store.get(.schemas, "order") == changed)
            #expect(changed.document == ["revision": 2, "name": "order", "kind": "event2"])
            #expect(try await rig.store.get(.schemas, "other") == nil)
        }
    }

    @Test("A change based on an old revision is refused and changes nothing")
    func stale() async throws {
        try await withRig { rig in
            _ = try await rig.store.create(.schemas, ["name": "order"], by: rig.author)
            _ = try await rig.store.update(.schemas, "order", by: rig.author) { _ in ["name": "order", "a": 1] }
            let before = try await rig.store.get(.schemas, "order")
            let error = await definitionError { () throws(DefinitionError) in
                try await rig.store.update(.schemas, "order", basedOn: 1, by: rig.author) { _ in ["name": "order"] }
            }
            #expect(error?.code == .stale)
            #expect(error?.currentRevision == 2)
            let deletion = await definitionError { () throws(DefinitionError) in
                try await rig.store.delete(.schemas, "order", basedOn: 1, by: rig.author)
            }
            #expect(deletion?.code == .stale)
            #expect(try await rig.store.get(.schemas, "order") == before)
        }
    }

    @Test("A name that is taken is refused with the revision in force")
    func taken() async throws {
        try await withRig { rig in
            _ = try await rig.store.create(.schemas, ["name": "order"], by: rig.author)
            let error = await definitionError { () throws(DefinitionError) in
                try await rig.store.create(.schemas, ["name": "order"], by: rig.author)
            }
            #expect(error?.code == .exists)
            #expect(error?.currentRevision == 1)
        }
    }

    @Test("Of many who change at once without a revision nobody's change is lost")
    func concurrentChanges() async throws {
        try await withRig { rig in
            _ = try await rig.store.create(.schemas, ["name": "order", "count": 0], by: rig.author)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        _ = try await rig.store.update(.schemas, "order", by: rig.author) { old in
                            ["name": "order", "count": .integer((old.document["count"]?.integerValue ?? 0) + 1)]
                        }
                    }
                }
                try await group.waitForAll()
            }
            let order = try await rig.store.get(.schemas, "order")
            #expect(order?.document["count"] == 8)
            #expect(order?.revision == 9)
        }
    }

    @Test("Of many who change one revision exactly one is taken")
    func oneWinner() async throws {
        try await withRig { rig in
            _ = try await rig.store.create(.schemas, ["name": "order"], by: rig.author)
            let winners = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        await definitionError { () throws(DefinitionError) in
                            try await rig.store.update(.schemas, "order", basedOn: 1, by: rig.author) { _ in
                                ["name": "order", "by": JSONValue(number)]
                            }
                        } == nil
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(winners == 1)
            #expect(try await rig.store.get(.schemas, "order")?.revision == 2)
        }
    }

    @Test("A call that is repeated after its answer was lost happens once and is answered like the first")
    func lostAnswer() async throws {
        try await withRig { rig in
            let first = try await rig.store(token: "a").create(.schemas, ["name": "order"], by: rig.author)
            let again = try await rig.store(token: "a").create(.schemas, ["name": "order"], by: rig.author)
            #expect(first == again)
            #expect(try await rig.store.audit().count == 1)
            _ = try await rig.store.update(.schemas, "order", by: rig.author) { _ in ["name": "order", "a": 1] }
            #expect(try await rig.store.get(.schemas, "order")?.revision == 2)
        }
    }

    @Test("A lost answer on the wire is asked for again by the store itself", .timeLimit(.minutes(1)))
    func cutConnection() async throws {
        try await withRig { rig in
            let proxy = try FaultProxy.start(to: rig.server.place)
            defer { proxy.close() }
            let redis = try RedisClient(
                RedisConfiguration(try RedisAddress("redis://127.0.0.1:\(proxy.port)")), logger: rig.logger)
            try redis.start()
            let store = DefinitionStore(
                redis: redis, keys: rig.keys, service: "tests", now: { 0 }, token: { UUID().uuidString })
            // The script is loaded and the connection warm before an answer is lost.
            _ = try await store.create(.schemas, ["name": "warm"], by: rig.author)
            proxy.behaviour = .loseOneAnswer
            async let made = store.create(.schemas, ["name": "order"], by: rig.author)
            try await eventually(within: .seconds(30), "the write, whose answer is lost") {
                try await rig.store.get(.schemas, "order") != nil
            }
            #expect(try await made.revision == 1)
            #expect(try await rig.store.audit().count == 2)
            await redis.close(grace: .seconds(1))
        }
    }

    @Test("A name that is made again goes on with its revisions")
    func madeAgain() async throws {
        try await withRig { rig in
            _ = try await rig.store.create(.actions, ["name": "sms", "text": "one"], by: rig.author)
            _ = try await rig.store.delete(.actions, "sms", by: rig.author)
            #expect(try await rig.store.get(.actions, "sms") == nil)
            // A request in a queue still finds the revision that it was made with.
            #expect(try await rig.store.get(.actions, "sms", revision: 1)?.document["text"] == "one")
            let again = try await rig.store.create(.actions, ["name": "sms", "text": "two"], by: rig.author)
            #expect(again.revision == 2)
        }
    }

    @Test("The newest fifty revisions of an action stay readable, and no more")
    func history() async throws {
        try await withRig { rig in
            _ = try await rig.store.create(.actions, ["name": "sms", "n": 1], by: rig.author)
            for number in 2...52 {
                _ = try await rig.store.update(.actions, "sms", by: rig.author) { _ in
                    ["name": "sms", "n": JSONValue(number)]
                }
            }
            #expect(try await rig.store.get(.actions, "sms", revision: 52)?.document["n"] == 52)
            #expect(try await rig.store.get(.actions, "sms", revision: 3)?.document["n"] == 3)
            #expect(try await rig.store.get(.actions, "sms", revision: 2) == nil)
            let kept = try await rig.send(RedisCommand("HLEN", rig.keys.config("actions:revisions"))).requireInteger()
            #expect(kept == 50)
        }
    }

    @Test("A full kind takes nothing new, and still takes changes")
    func full() async throws {
        try await withRig { rig in
            var fill = RedisCommand("HSET", rig.keys.config("schemas"))
            for number in 0..<DefinitionKind.documentsMax {
                fill.append("s\(number)")
                fill.append("{\"revision\":1,\"name\":\"s\(number)\"}")
            }
            _ = try await rig.send(fill)
            let error = await definitionError { () throws(DefinitionError) in
                try await rig.store.create(.schemas, ["name": "order"], by: rig.author)
            }
            #expect(error?.code == .tooMany)
            let changed = try await rig.store.update(.schemas, "s7", by: rig.author) { $0.document }
            #expect(changed.revision == 2)
        }
    }

    @Test("What is no document in the store hides none of the others")
    func damaged() async throws {
        try await withRig { rig in
            _ = try await rig.store.create(.schemas, ["name": "order"], by: rig.author)
            _ = try await rig.send(RedisCommand("HSET", rig.keys.config("schemas"), "broken", "no JSON"))
            #expect(try await rig.store.all(.schemas).map(\.name) == ["order"])
            #expect(try await rig.store.page(.schemas).items.map(\.name) == ["order"])
            let error = await definitionError { () throws(DefinitionError) in
                try await rig.store.get(.schemas, "broken")
            }
            #expect(error?.code == .unavailable)
        }
    }

    @Test("Pages follow each other by name without gap or overlap")
    func pages() async throws {
        try await withRig { rig in
            for number in 0..<7 {
                _ = try await rig.store.create(
                    .schemas, ["name": .string("s\(number)"), "kind": number % 2 == 0 ? "event" : "profile"],
                    by: rig.author)
            }
            var names: [String] = []
            var cursor: String?
            repeat {
                let page = try await rig.store.page(.schemas, after: cursor, limit: 3)
                names += page.items.map(\.name)
                cursor = page.cursor
            } while cursor != nil
            #expect(names == (0..<7).map { "s\($0)" })
            let events = try await rig.store.page(.schemas, filter: ["kind": "event"], limit: 10)
            #expect(events.items.map(\.name) == ["s0", "s2", "s4", "s6"])
        }
    }

    @Test("The audit says who changed what, and holds no secret")
    func audit() async throws {
        try await withRig { rig in
            let sources = rig.sources()
            _ = try await rig.call(sources.methods, "dataSources.create", DefinitionRig.source("loyalty", key: "abc"))
            _ = try await rig.call(
                sources.methods, "dataSources.update", ["name": "loyalty", "description": "Tiers"])
            _ = try await rig.call(sources.methods, "dataSources.delete", ["name": "loyalty"])
            let entries = try await rig.store.audit()
            #expect(entries.map { $0["action"]?.stringValue } == ["delete", "update", "create"])
            #expect(entries.allSatisfy { $0["author"] == "ada" && $0["address"] == "192.0.2.1" })
            #expect(entries[1]["after"] == ["description": "Tiers"])
            #expect(entries[1]["before"] == [:])
            #expect(entries[1]["revision"] == 2)
            let text = entries.map { JSONValue.object($0).text }.joined()
            #expect(!text.contains("abc") && !text.contains("sealed") && !text.contains("cba"))
        }
    }
}
