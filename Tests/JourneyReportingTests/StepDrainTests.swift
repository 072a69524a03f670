import Foundation
import Logging
import Models
import Queues
import Redis
import ServiceLifecycle
import Synchronization
import TestKit
import Testing

@testable import JourneyReporting

@Suite("The drain", .timeLimit(.minutes(1)))
struct StepDrainTests {
    private final class Flag: Sendable {
        let isSet = Atomic<Bool>(false)
    }

    private static func element(_ commit: Int64) -> [UInt8] {
        let record = StepRecord(
            person: Person(namespace: "email", id: "a"), journey: "j", version: 1, instance: "i", stimulus: "s",
            events: [StepEvent(step: commit, kind: .entered, at: 1)])
        return StepBatch(fence: 1, commit: commit, firstNumber: commit, records: [record]).element
    }

    @Test("A partition that is woken is drained while another is never empty")
    func starvation() async throws {
        let server = try await RedisServer.start()
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let redis = try RedisClient(RedisConfiguration(server.address), logger: logger)
        try redis.start()
        let keys = QueueKeys()
        let path = FileManager.default.temporaryDirectory.appending(path: "drain-\(UUID().uuidString).sqlite").path
        defer { for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) } }
        let store = try SQLiteStepStore(path: path, deployment: "d")
        // So seldom that only wake-ups tell of anything.
        let listener = WakeListener(
            redis: redis, keys: keys, queue: .steps, partitions: 2, slowPoll: .seconds(600), logger: logger)
        let leader = DrainLeader(
            registry: ReplicaRegistry(redis: redis, keys: keys, service: "journey-reporting", gone: .seconds(60)),
            name: "one", every: .milliseconds(50), logger: logger)
        var settings = StepDrain.Settings()
        settings.elementsMax = 4
        settings.every = .milliseconds(1)
        let drain = StepDrain(
            queue: StepsQueue(redis: redis, keys: keys), listener: listener, store: store, board: LiveBoard(),
            leader: leader,
            tidying: StoreTidying(store: store, recordsKeptMilliseconds: 1 << 50, countsKeptMilliseconds: 1 << 50),
            partitions: 2, settings: settings, clock: { Int64(Date().timeIntervalSince1970 * 1_000) }, logger: logger)
        let over = Flag()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await leader.run() }
            group.addTask { try await listener.run() }
            group.addTask { try await drain.run() }
            group.addTask {
                // A partition that has more than one pass takes, for as long as the test lasts.
                var commit: Int64 = 0
                while !over.isSet.load(ordering: .relaxed) {
                    let length = try await redis.slow.send(RedisCommand("LLEN", keys.partition(0).steps))
                        .requireInteger()
                    for _ in 0..<max(0, 40 - length) {
                        commit += 1
                        _ = try await redis.slow.send(
                            RedisCommand("RPUSH", keys.partition(0).steps, Self.element(commit)))
                    }
                    await Task.yield()
                }
            }
            defer { over.isSet.store(true, ordering: .relaxed) }
            try await eventually("the busy partition is drained") { drain.storedCommits > 40 }
            _ = try await redis.slow.send(RedisCommand("RPUSH", keys.partition(1).steps, Self.element(1)))
            _ = try await redis.slow.send(RedisCommand("PUBLISH", keys.partition(1).wake(.steps), "1"))
            try await eventually("the other one is drained, too") {
                try await redis.slow.send(RedisCommand("LLEN", keys.partition(1).steps)) == .integer(0)
            }
            over.isSet.store(true, ordering: .relaxed)
            group.cancelAll()
        }
        await redis.close(grace: .seconds(1))
    }
}
