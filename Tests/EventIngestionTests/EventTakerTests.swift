import Definitions
import Foundation
import Logging
import Models
import Queues
import Redis
import TestKit
import Testing

@testable import EventIngestion

/// Two partitions over a redis-server of its own; an inbox of one element is full unless said otherwise.
struct TakerRig: Sendable {
    let redis: RedisClient
    let keys = QueueKeys()
    let book: EventBook
    let inbox: InboxWriter

    static let partitions = 2
    /// A person of each partition.
    static let people = (0..<partitions).map { partition in
        (0...).lazy.map { Person(namespace: "crmId", id: "p\($0)") }.first { $0.partition(of: partitions) == partition }
    }

    /// Another replica over the same Redis.
    func taker() -> EventTaker {
        EventTaker(
            book: book, inbox: inbox, partitions: Self.partitions, hashKey: HashKey(first: 1, second: 2),
            clock: { Int64(Date().timeIntervalSince1970 * 1_000) }, makeID: { UUID().uuidString })
    }

    func inbox(_ partition: Int) async throws -> [JSONValue] {
        let command = RedisCommand("LRANGE", keys.partition(partition).inbox, 0, -1)
        return try await redis.slow.send(command).requireArray().map { try JSONValue.parse($0.bytes ?? []) }
    }

    func empty(_ partition: Int) async throws {
        _ = try await redis.slow.send(RedisCommand("DEL", keys.partition(partition).inbox))
    }

    /// An event for a person of each partition, without an id.
    static var payload: JSONValue {
        ["sender": .string(people[0]?.id ?? ""), "receiver": .string(people[1]?.id ?? "")]
    }

    /// Events named `sender` and `receiver` whose keys are the fields of those names.
    static let documents: [(DefinitionKind, String)] = [
        (
            .schemas,
            #"{"name": "s", "kind": "event", "schema": {"type": "object", "properties": {"sender": {"type": "string"}, "receiver": {"type": "string"}}}}"#
        )
    ] + ["sender", "receiver"].map { name in
        (
            .events,
            #"{"name": "\#(name)", "schema": "s", "type": "rule", "rule": "true", "namespace": "crmId", "key": "@event{\#(name).\#(name)}"}"#
        )
    }

    static func run(
        _ documents: [(DefinitionKind, String)] = documents, inboxMax: Int = 1, _ body: (TakerRig) async throws -> Void
    ) async throws {
        let server = try await RedisServer.start()
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let redis = try RedisClient(RedisConfiguration(server.address), logger: logger)
        try redis.start()
        let store = DefinitionStore(
            redis: redis, keys: QueueKeys(), service: "tests", now: { 1 }, token: { UUID().uuidString })
        let author = Author(name: "ada")
        for (kind, text) in documents {
            _ = try await store.create(kind, JSONValue.parse(text).objectValue ?? JSONObject(), by: author)
        }
        let book = EventBook(store: store, logger: logger)
        try await book.refresh()
        var limits = AppendLimits()
        limits.inboxElementsMax = inboxMax
        let inbox = InboxWriter(redis: redis, keys: QueueKeys(), limits: limits, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await inbox.run() }
            do {
                try await body(TakerRig(redis: redis, book: book, inbox: inbox))
            } catch {
                group.cancelAll()
                throw error
            }
            group.cancelAll()
        }
        await redis.close(grace: .seconds(1))
    }
}

@Suite("Taking events", .timeLimit(.minutes(1)))
struct EventTakerTests {
    @Test(
        "An event without an id that was refused for one of its people is completed by a repeat, and nobody has it twice"
    )
    func partlyFull() async throws {
        try await TakerRig.run { rig in
            let taker = rig.taker()
            // The second inbox is full by an event of its own.
            _ = try await taker.take(TakerRig.payload, text: nil, inlet: nil)
            try await rig.empty(0)
            guard case .full(let id?) = try await taker.take(TakerRig.payload, text: nil, inlet: nil) else {
                throw TestKitError("it was not refused in part")
            }
            #expect(try await rig.inbox(0).map { $0["id"] } == [.string(id)])
            // Refused again, whoever is full by now.
            guard case .full(let again?) = try await taker.take(TakerRig.payload, text: nil, inlet: nil) else {
                throw TestKitError("it was not refused again")
            }
            #expect(again == id)
            try await rig.empty(1)
            guard case .accepted(let accepted) = try await taker.take(TakerRig.payload, text: nil, inlet: nil) else {
                throw TestKitError("the repeat was not accepted")
            }
            #expect(accepted.id == id && accepted.matches.count == 2)
            #expect(try await rig.inbox(0).count == 1)
            #expect(try await rig.inbox(1).map { $0["id"] } == [.string(id)])
            // The next one of the same payload is another event.
            try await rig.empty(0)
            try await rig.empty(1)
            guard case .accepted(let other) = try await taker.take(TakerRig.payload, text: nil, inlet: nil) else {
                throw TestKitError("the next one was not accepted")
            }
            #expect(other.id != id && !other.isDuplicate)
        }
    }

    @Test("A repeat at another replica completes it, too, under the id of the answer")
    func otherReplica() async throws {
        try await TakerRig.run { rig in
            _ = try await rig.taker().take(TakerRig.payload, text: nil, inlet: nil)
            try await rig.empty(0)
            guard case .full(let id?) = try await rig.taker().take(TakerRig.payload, text: nil, inlet: nil) else {
                throw TestKitError("it was not refused in part")
            }
            try await rig.empty(1)
            var payload = TakerRig.payload.objectValue ?? JSONObject()
            payload["_id"] = .string(id)
            guard case .accepted = try await rig.taker().take(.object(payload), text: nil, inlet: nil) else {
                throw TestKitError("the repeat was not accepted")
            }
            #expect(try await rig.inbox(0).count == 1)
            #expect(try await rig.inbox(1).map { $0["id"] } == [.string(id)])
        }
    }

    @Test("What is refused for all its people has no id to come back with")
    func full() async throws {
        try await TakerRig.run { rig in
            let taker = rig.taker()
            _ = try await taker.take(TakerRig.payload, text: nil, inlet: nil)
            guard case .full(nil) = try await taker.take(TakerRig.payload, text: nil, inlet: nil) else {
                throw TestKitError("it was not refused as a whole")
            }
        }
    }

    @Test("Of the same payload refused in part several times each has an id, up to a bound and a time")
    func memory() {
        let partly = PartlyTaken()
        partly.remember("a", of: 1, now: 0)
        partly.remember("b", of: 1, now: 0)
        #expect(Set([partly.take(1, now: 1), partly.take(1, now: 1)]) == ["a", "b"])
        #expect(partly.take(1, now: 1) == nil)
        partly.remember("c", of: 2, now: 0)
        #expect(partly.take(2, now: PartlyTaken.milliseconds) == nil)
        for number in 0..<PartlyTaken.idsMax { partly.remember("\(number)", of: UInt64(number), now: 0) }
        partly.remember("over", of: .max, now: 0)
        #expect(partly.take(.max, now: 1) == nil)
        partly.remember("later", of: .max, now: PartlyTaken.milliseconds)
        #expect(partly.take(.max, now: PartlyTaken.milliseconds) == "later")
    }
}
