import Models
import Queues
import Redis
import TestKit
import Testing

@testable import Queues

@Suite("Leases of partitions")
struct LeaseTests {
    @Test("The first owner gets fence 1 and need not be careful; another gets nothing")
    func first() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let changes = try await fixture.keeper("a", partitions: 4).beat()
            #expect(changes.taken.map(\.partition) == [0, 1, 2, 3])
            #expect(changes.taken.allSatisfy { $0.fence == 1 && $0.commit == 0 && !$0.careful })
            let other = try await fixture.keeper("b", partitions: 4).beat()
            #expect(other.taken.isEmpty && other.lost.isEmpty)
        }
    }

    @Test("A lease that ran out is taken over with a higher fence, and its taker is careful; the old owner hears of it")
    func takeOver() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let old = fixture.keeper("a") { $0.lease = .milliseconds(50) }
            _ = try await old.beat()
            let new = fixture.keeper("b") { $0.replicaGone = .milliseconds(10) }
            var taken: [HeldLease] = []
            try await eventually(within: .seconds(30), "the lease runs out") {
                taken = try await new.beat().taken
                return !taken.isEmpty
            }
            #expect(taken[0].fence == 2 && taken[0].careful)
            let batch = CommitBatch(
                keys: fixture.keys.partition(0), fence: 1, previousCommit: 0, time: 5, lastStep: 0, trim: 0)
            let outcomes = await Committer(redis: fixture.redis, keys: fixture.keys).commit([batch])
            guard case .stale = outcomes[0] else {
                Issue.record("A stale owner's commit answered \(outcomes)")
                return
            }
            #expect(try await old.beat().lost == [0])
            #expect(old.held.isEmpty)
        }
    }

    @Test("A lease whose holder's process is gone is taken at once, by a careful owner with a higher fence")
    func holderGone() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            _ = try await fixture.keeper("dead", partitions: 4).beat()
            // Of another host nobody knows, and half of the partitions would be its share besides.
            #expect(try await fixture.keeper("far", partitions: 4).beat().taken.isEmpty)
            let next = fixture.keeper("next", partitions: 4, isGone: { $0 == "dead" || $0 == "far" })
            let taken = try await next.beat().taken
            #expect(taken.map(\.partition).sorted() == [0, 1, 2, 3])
            #expect(taken.allSatisfy { $0.fence == 2 && $0.careful })
            let registry = ReplicaRegistry(redis: fixture.redis, keys: fixture.keys, service: "journey-execution")
            #expect(try await registry.replicas() == ["next"])
            let batch = CommitBatch(
                keys: fixture.keys.partition(0), fence: 1, previousCommit: 0, time: 5, lastStep: 0, trim: 0)
            guard case .stale = await Committer(redis: fixture.redis, keys: fixture.keys).commit([batch])[0] else {
                Issue.record("a commit of the old owner was taken")
                return
            }
        }
    }

    @Test("A lease that another took meanwhile is not taken for its old holder's sake")
    func holderChanged() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            _ = try await fixture.keeper("fast").beat()
            let own = fixture.keys.partition(0)
            let lease = own.lease("journey-execution")
            let take = QueueScript.takeLease.command(
                keys: [lease, own.state], arguments: ["next", 10_000, 0, "dead"])
            let answer = try await fixture.redis.slow.send(take)
            #expect(answer.elements?[0].integerValue == 0 && answer.elements?[1].text == "fast")
            #expect(try await fixture.send("GET", lease).text == "fast")
        }
    }

    @Test("An owner renews a lease that ran out while nobody took it, with the same fence")
    func renewedLate() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let keeper = fixture.keeper("a") { $0.lease = .milliseconds(20) }
            _ = try await keeper.beat()
            let lease = fixture.keys.partition(0).lease("journey-execution")
            try await eventually(within: .seconds(30), "the lease runs out") {
                try await fixture.count("EXISTS", lease) == 0
            }
            let changes = try await keeper.beat()
            #expect(changes.lost.isEmpty && changes.taken.isEmpty)
            #expect(try await fixture.field(fixture.keys.partition(0).state, "fence") == "1")
        }
    }

    @Test("A lease given back is free at once, and its next owner need not be careful")
    func givenBack() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let first = fixture.keeper("a")
            _ = try await first.beat()
            try await first.leave()
            try await first.leave()
            let taken = try await fixture.keeper("b").beat().taken
            #expect(taken.count == 1)
            #expect(taken.first?.fence == 2 && taken.first?.careful == false)
            // Giving back late touches nobody else's lease.
            try await first.giveBack([0])
            #expect(try await fixture.count("EXISTS", fixture.keys.partition(0).lease("journey-execution")) == 1)
        }
    }

    @Test("A taking whose answer was lost is repeated and answers the same, carefulness included")
    func lostAnswer() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let state = fixture.keys.partition(0).state
            _ = try await fixture.send("HSET", state, "fence", "7", "owner", "dead", "commit", "12", "returned", "0")
            let once = try await fixture.keeper("a").beat().taken
            let twice = try await fixture.keeper("a").beat().taken
            #expect(once == twice)
            #expect(once.first?.fence == 8 && once.first?.commit == 12 && once.first?.careful == true)
        }
    }

    @Test("After lost commits the owner takes a higher fence")
    func retake() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let keeper = fixture.keeper("a")
            _ = try await keeper.beat()
            let lease = try await keeper.retake(0, above: 5)
            #expect(lease?.fence == 6)
            #expect(try await keeper.retake(0, above: 5)?.fence == 6)
            #expect(try await fixture.keeper("b").retake(0, above: 9) == nil)
        }
    }

    @Test("A partition that comes back after Redis lost its fence gets none that this owner had before")
    func lostFence() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let keeper = fixture.keeper("a")
            let state = fixture.keys.partition(0).state
            _ = try await fixture.send("HSET", state, "fence", "7", "owner", "b", "returned", "1")
            #expect(try await keeper.beat().taken.first?.fence == 8)
            _ = try await fixture.send("HSET", state, "fence", "7", "owner", "b", "returned", "1")
            #expect(try await keeper.beat().taken.first?.fence == 9)
        }
    }

    @Test("A stale answer to an old fence forgets nothing that was taken since")
    func forgetsOldFence() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let keeper = fixture.keeper("a")
            _ = try await keeper.beat()
            _ = try await keeper.retake(0, above: 1)
            keeper.forget(0, fence: 1)
            #expect(keeper.fence(of: 0) == 2)
            keeper.forget(0, fence: 2)
            #expect(keeper.fence(of: 0) == nil)
        }
    }

    @Test("Two replicas come to equal shares, and the rest is taken when one leaves")
    func sharedOut() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let first = fixture.keeper("a", partitions: 5)
            let second = fixture.keeper("b", partitions: 5)
            _ = try await first.beat()
            #expect(first.held.count == 5)
            _ = try await second.beat()
            let surplus = try await first.beat().surplus
            #expect(surplus.count == 2)
            try await first.giveBack(surplus)
            let taken = try await second.beat().taken
            #expect(Set(taken.map(\.partition)) == Set(surplus))
            #expect(first.held.union(second.held).count == 5 && first.held.isDisjoint(with: second.held))
            try await first.leave()
            _ = try await second.beat()
            #expect(second.held == Set(0..<5))
        }
    }

    @Test("Every partition is somebody's share exactly once", arguments: 1...7, [1, 5, 16, 256])
    func shares(replicas: Int, partitions: Int) {
        let names = (0..<replicas).map { "r\($0)" }
        let shares = names.map { PartitionShare(replica: $0, among: names, partitions: partitions) }
        #expect(shares.map(\.count).reduce(0, +) == partitions)
        #expect((shares.map(\.count).max() ?? 0) - (shares.map(\.count).min() ?? 0) <= 1)
        var wanted: [Int] = []
        for share in shares { wanted += share.candidates(beside: []).prefix(share.count) }
        #expect(Set(wanted).count == partitions)
    }

    @Test("Owners that died of one commit are counted, each once")
    func suspect() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let committer = Committer(redis: fixture.redis, keys: fixture.keys)
            let state = fixture.keys.partition(0).state
            for fence in Int64(1)...10 {
                _ = try await fixture.send("HSET", state, "fence", "\(fence)", "owner", "owner-\(fence)")
                let tries = min(Int(fence), 8)
                #expect(try await mark(committer, fence: fence, commit: 9) == tries)
                #expect(try await mark(committer, fence: fence, commit: 9) == tries)
            }
            #expect(try await mark(committer, fence: 10, commit: 10) == 1)
            #expect(try await mark(committer, fence: 9, commit: 10) == nil)
        }
    }

    @Test("Trying several things together is noted with their number, and is no try of any one of them")
    func suspectTogether() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let committer = Committer(redis: fixture.redis, keys: fixture.keys)
            let state = fixture.keys.partition(0).state
            _ = try await fixture.send("HSET", state, "fence", "1", "owner", "a")
            #expect(try await mark(committer, fence: 1, commit: 9, things: 40, isAlone: false) == 0)
            #expect(try await fixture.send("HGET", state, "suspect").text == "9:0:40:,")
            #expect(try await mark(committer, fence: 1, commit: 9, things: 40) == 1)
            #expect(try await fixture.send("HGET", state, "suspect").text == "9:1:40:,a,")
            #expect(try await mark(committer, fence: 2, commit: 9, things: 40, isAlone: false) == nil)
            // As it was written before the number of things was noted.
            _ = try await fixture.send("HSET", state, "suspect", "9:2:,x,y,")
            #expect(try await mark(committer, fence: 1, commit: 9) == 1)
        }
    }

    private func mark(
        _ committer: Committer, fence: Int64, commit: Int64, things: Int = 1, isAlone: Bool = true
    ) async throws -> Int? {
        let mark = SuspectMark(partition: 0, fence: fence, commit: commit, things: things, isAlone: isAlone)
        return try await committer.mark([mark])[0].get()
    }

    @Test("An owner that takes its lease anew tries a commit once, also with another owner between")
    func suspectOfSameOwner() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let committer = Committer(redis: fixture.redis, keys: fixture.keys)
            let state = fixture.keys.partition(0).state
            let owners = [("a", 1), ("a", 1), ("ab", 2), ("a", 2), ("b", 3), ("ab", 3)]
            for (place, (owner, tries)) in owners.enumerated() {
                let fence = Int64(place + 1)
                _ = try await fixture.send("HSET", state, "fence", "\(fence)", "owner", owner)
                #expect(try await mark(committer, fence: fence, commit: 9) == tries, "fence \(fence)")
            }
        }
    }
}
