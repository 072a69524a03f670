import Definitions
import Engine
import Foundation
import Logging
import Models
import Queues
import Redis
import Synchronization
import TestKit

@testable import JourneyExecution

/// One partition over a redis-server of its own, with all that rounds over it need.
final class RoundRig: Sendable {
    let server: RedisServer
    let redis: RedisClient
    let keys = QueueKeys()
    let store: DefinitionStore
    let announcer: Announcer
    let plans: PlanKeeper
    let keeper: LeaseKeeper
    let rounds: RoundRunner
    let inside: InsideReader
    let book: JourneyBook
    /// How far the clock of the plans goes before the machine's.
    let skip = Skip()
    let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    let author = Author(name: "ada")

    static let now: @Sendable () -> Int64 = { Int64(Date().timeIntervalSince1970 * 1_000) }
    static let brokenRetry = Duration.seconds(600)
    /// Waits for `clicked`, an hour at most.
    static let waiting = #"""
        {"id": "in", "type": "event", "event": "placed", "next": "b"},
        {"id": "b", "type": "event", "event": "clicked", "timeout": "PT1H"}
        """#

    final class Skip: Sendable {
        private let value = Mutex<Int64>(0)

        var milliseconds: Int64 {
            get { value.withLock { $0 } }
            set { value.withLock { $0 = newValue } }
        }
    }

    private init(_ server: RedisServer) throws {
        self.server = server
        redis = try RedisClient(RedisConfiguration(server.address), logger: logger)
        try redis.start()
        store = DefinitionStore(
            redis: redis, keys: keys, service: "tests", now: Self.now, token: { UUID().uuidString })
        announcer = Announcer(store: store, partitions: 1)
        let deployment = Deployment(id: "d", hashKey: HashKey(first: 1, second: 2), partitions: 1)
        plans = PlanKeeper(
            store: store, announcer: announcer, trials: TrialStore(redis: redis, keys: keys),
            deployment: deployment, now: { [skip] in Self.now() + skip.milliseconds }, logger: logger)
        let keeper = LeaseKeeper(
            redis: redis, keys: keys, service: "journey-execution", owner: "tests", partitions: 1, logger: logger)
        self.keeper = keeper
        guard let faults = FaultPoints(nil) else { throw TestKitError("no faults cannot be refused") }
        rounds = RoundRunner(
            keys: keys, reader: RoundReader(redis: redis, keys: keys), committer: Committer(redis: redis, keys: keys),
            plans: plans, partitions: 1,
            starter: RunStarter(
                redis: redis, keys: keys, inbox: InboxAppender(redis: redis, keys: keys), partitions: 1,
                clock: Self.now),
            retake: { partition in
                do {
                    let lease = try await keeper.retake(partition.number, above: partition.fence)
                    return lease.map(RoundRunner.Retaken.taken) ?? .lost
                } catch { return .unknown }
            },
            forget: { keeper.forget($0, fence: $1) }, alone: Turn(), brokenRetry: Self.brokenRetry, faults: faults,
            metrics: EngineMetrics(), logger: logger, clock: Self.now)
        inside = InsideReader(redis: redis, keys: keys, partitions: 1)
        book = JourneyBook(
            store: store, plans: plans, inside: inside, inbox: InboxAppender(redis: redis, keys: keys),
            announcer: announcer, partitions: 1, clock: Self.now)
    }

    static func run(_ body: (RoundRig) async throws -> Void) async throws {
        let rig = try RoundRig(await RedisServer.start())
        do {
            try await body(rig)
        } catch {
            await rig.redis.close(grace: .seconds(1))
            throw error
        }
        await rig.redis.close(grace: .seconds(1))
    }

    // MARK: What there is

    private func object(_ text: String) throws -> JSONObject {
        guard let object = try JSONValue.parse(text).objectValue else { throw TestKitError("no object: \(text)") }
        return object
    }

    /// Events `placed` and `clicked`; `placed` is kept with its person.
    func define() async throws {
        _ = try await store.create(
            .schemas,
            object(
                #"{"name": "s", "kind": "event", "schema": {"type": "object", "properties": {"_id": {"type": "string"}}}}"#
            ),
            by: author)
        for name in ["placed", "clicked"] {
            let event =
                #"{"name": "\#(name)", "schema": "s", "type": "rule", "rule": "true", "namespace": "crmId", "key": "'1'", "keepInProfile": \#(name == "placed")}"#
            _ = try await store.create(.events, object(event), by: author)
        }
    }

    /// A live journey, which no inbox is told of.
    func publish(_ nodes: String, name: String = "welcome", goal: String? = nil) async throws {
        let goal = goal.map { #", "goal": \#($0)"# } ?? ""
        let draft = JourneyDocument(
            try object(
                #"{"name": "\#(name)", "properties": {"reentrance": {"after": "PT0S"}\#(goal)}, "nodes": [\#(nodes)]}"#)
        )
        var record = JourneyRecord(name: name, draft: draft.document, uses: draft.uses.json, at: 1)
        _ = record.publish(at: 1)
        _ = try await store.create(.journeys, record.document, by: author)
    }

    func close(_ name: String = "welcome") async throws {
        _ = try await store.update(.journeys, name, by: author) { stored in
            var record = JourneyRecord(stored.document)
            _ = record.move([.live], to: .closed, at: 2)
            return record.document
        }
    }

    func finish(_ name: String = "welcome", at time: Int64) async throws {
        _ = try await store.update(.journeys, name, by: author) { stored in
            var record = JourneyRecord(stored.document)
            record.finish(1, at: time)
            return record.document
        }
    }

    func state(_ name: String = "welcome") async throws -> JourneyRecord.State? {
        try await store.get(.journeys, name).map { JourneyRecord($0.document) }?.versions.last?.state
    }

    // MARK: Doing

    var own: PartitionKeys { keys.partition(0) }

    func send(_ name: String, _ arguments: String...) async throws -> RedisReply {
        try await redis.slow.send(RedisCommand(name, list: arguments)).checked()
    }

    func list(_ key: String) async throws -> [JSONValue] {
        try await send("LRANGE", key, "0", "-1").requireArray().map { try JSONValue.parse($0.bytes ?? []) }
    }

    func append(_ event: String, of person: String) async throws {
        let element = PersonEvent(
            id: "\(event)-\(person)", person: Person(namespace: "crmId", id: person), events: [event], payload: [:])
        _ = try await InboxAppender(redis: redis, keys: keys).append([
            InboxEntry(partition: 0, element: element.element)
        ])
    }

    func take() async throws -> OwnedPartition {
        let taken = try await keeper.beat().taken
        guard let lease = taken.first else { throw TestKitError("the partition is not free") }
        return OwnedPartition(lease, keys: keys, partitions: 1)
    }

    /// Rounds until nothing is left in the inbox, at most so many.
    func rounds(_ partition: inout OwnedPartition, most: Int = 8) async throws {
        for _ in 0..<most {
            let outcome = await rounds.run([partition], settings: .init())
            guard let next = outcome.partitions.first else { throw TestKitError("the partition was lost") }
            partition = next
            if !next.isUncertain, try await send("LLEN", own.inbox) == .integer(0) { return }
        }
    }
}
