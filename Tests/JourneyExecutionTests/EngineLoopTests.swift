import Models
import Queues
import Redis
import ServiceLifecycle
import TestKit
import Testing

@testable import JourneyExecution

@Suite("News of leases", .timeLimit(.minutes(1)))
struct EngineLoopTests {
    /// A loop that runs beside the body, over a journey that `placed` enters.
    private func withLoop(_ body: (RoundRig, EngineLoop) async throws -> Void) async throws {
        try await RoundRig.run { rig in
            try await rig.define()
            try await rig.publish(RoundRig.waiting)
            _ = await rig.plans.load(atLeast: 0)
            let listener = WakeListener(
                redis: rig.redis, keys: rig.keys, queue: .inbox, partitions: 1, slowPoll: .milliseconds(50),
                logger: rig.logger)
            var settings = EngineLoop.Settings()
            settings.idle = .milliseconds(50)
            let loop = EngineLoop(
                settings: settings, rounds: rig.rounds, listener: listener, leases: rig.keeper, logger: rig.logger)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await loop.run() }
                do {
                    try await body(rig, loop)
                } catch {
                    group.cancelAll()
                    throw error
                }
                group.cancelAll()
            }
        }
    }

    private func lease(_ rig: RoundRig) async throws -> HeldLease {
        try #require(try await rig.keeper.beat().taken.first)
    }

    private func isHandled(_ rig: RoundRig, _ person: String) async throws {
        try await rig.append("placed", of: person)
        try await eventually("the event of \(person) is handled") {
            try await rig.send("LLEN", rig.own.inbox) == .integer(0)
        }
    }

    @Test("A partition that is taken is worked on; one that another shall have is given back")
    func surplus() async throws {
        try await withLoop { rig, loop in
            loop.tell(.taken(try await lease(rig)))
            try await isHandled(rig, "a")
            #expect(loop.partitions == [0])
            loop.tell(.surplus(0))
            try await eventually("the lease is given back") {
                try await rig.send("EXISTS", rig.own.lease("journey-execution")) == .integer(0)
            }
            #expect(loop.partitions.isEmpty)
            try await rig.append("placed", of: "b")
            let next = try await lease(rig)
            #expect(!next.careful, "it was given back in good order")
            #expect(try await rig.send("LLEN", rig.own.inbox) == .integer(1))
        }
    }

    @Test("News of a loss counts only for the lease that it tells of")
    func lost() async throws {
        try await withLoop { rig, loop in
            let lease = try await lease(rig)
            loop.tell(.taken(lease))
            try await isHandled(rig, "a")
            // The keeper holds it: the loop has taken it anew since.
            loop.tell(.lost(0))
            try await isHandled(rig, "b")
            #expect(loop.partitions == [0])
            rig.keeper.forget(0, fence: lease.fence)
            loop.tell(.lost(0))
            try await eventually("the loop lets go") { loop.partitions.isEmpty }
        }
    }

    @Test("A lease that is told of late does not replace a newer one")
    func late() async throws {
        try await withLoop { rig, loop in
            let old = try await lease(rig)
            let new = try #require(try await rig.keeper.retake(0, above: old.fence))
            #expect(new.fence > old.fence)
            loop.tell(.taken(new))
            try await isHandled(rig, "a")
            loop.tell(.taken(old))
            // With the older fence its commit would be refused, and the partition lost.
            try await isHandled(rig, "b")
            #expect(loop.partitions == [0])
        }
    }
}
