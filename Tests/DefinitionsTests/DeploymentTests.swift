import Definitions
import Logging
import Models
import Queues
import Redis
import Synchronization
import TestKit
import Testing

@Suite("The deployment and announcements")
struct DeploymentTests {
    @Test("Whoever starts first fixes the deployment, and all get the same")
    func same() async throws {
        try await withRig { rig in
            let all = try await withThrowingTaskGroup(of: Deployment.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        try await Deployment.load(
                            redis: rig.redis, keys: rig.keys, partitions: nil, random: { .random(in: .min ... .max) })
                    }
                }
                var all: Set<Deployment> = []
                for try await deployment in group { all.insert(deployment) }
                return all
            }
            #expect(all.count == 1)
            #expect(all.first?.partitions == 16)
        }
    }

    @Test("Another number of partitions is refused afterwards with a sentence")
    func partitions() async throws {
        try await withRig { rig in
            func load(_ wanted: Int?) async throws(DefinitionError) -> Deployment {
                try await Deployment.load(
                    redis: rig.redis, keys: rig.keys, partitions: wanted, random: { .random(in: .min ... .max) })
            }
            let first = try await load(4), second = try await load(nil)
            #expect(first.partitions == 4)
            #expect(second.partitions == 4)
            let error = await definitionError { () throws(DefinitionError) in try await load(8) }
            #expect(error?.code == .deployment)
            #expect(error?.message.contains("4 partitions") == true)
            let zero = await definitionError { () throws(DefinitionError) in try await load(0) }
            #expect(zero?.code == .deployment)
        }
    }

    private func inbox(_ rig: DefinitionRig, _ partition: Int) async throws -> [Stimulus] {
        let reply = try await rig.redis.node(forPartition: partition)
            .send(RedisCommand("LRANGE", rig.keys.partition(partition).inbox, 0, -1))
        return try reply.requireArray().map { try Stimulus(bytes: try $0.requireBytes()) }
    }

    @Test("An announcement is in every inbox when the call returns")
    func announced() async throws {
        try await withRig { rig in
            let announcer = Announcer(store: rig.store, partitions: 5)
            #expect(try await announcer.announce() == 1)
            #expect(try await announcer.announce() == 2)
            #expect(try await announcer.engineRevision() == 2)
            for partition in 0..<5 {
                let ids = try await inbox(rig, partition).map(\.id)
                #expect(ids == ["config-1", "config-2"])
            }
            #expect(try await announcer.repair() == false)
        }
    }

    @Test("What a crash left out is appended by the repair, once")
    func repaired() async throws {
        try await withRig { rig in
            let announcer = Announcer(store: rig.store, partitions: 3)
            _ = try await announcer.announce()
            // A service died between the number and the inboxes.
            _ = try await rig.send(RedisCommand("INCR", rig.keys.config("revision")))
            #expect(try await announcer.repair() == true)
            #expect(try await announcer.repair() == false)
            for partition in 0..<3 {
                let ids = try await inbox(rig, partition).map(\.id)
                #expect(ids == ["config-1", "config-2"])
            }
        }
    }
}

@Suite("Definitions in memory")
struct DefinitionCacheTests {
    /// Runs a cache beside the body.
    private func withCache(
        poll: Duration, _ rig: DefinitionRig, _ body: (DefinitionCache<DataSourceDefinition>) async throws -> Void
    ) async throws {
        let subscriber = try rig.redis.subscriber()
        try subscriber.start()
        let cache = DefinitionCache(
            DataSourceDefinition.self, store: rig.store, kind: .dataSources, subscriber: subscriber, poll: poll,
            logger: rig.logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await cache.run() }
            try await body(cache)
            group.cancelAll()
        }
        await subscriber.close()
    }

    @Test("A write is seen through its announcement")
    func announced() async throws {
        try await withRig { rig in
            try await withCache(poll: .seconds(600), rig) { cache in
                try await eventually(within: .seconds(30), "the first load") { cache.current.isLoaded }
                // The subscription may begin after the first load; what is written after it is announced.
                _ = try await rig.store.create(.dataSources, DefinitionRig.source("loyalty"), by: rig.author)
                try await eventually(within: .seconds(30), "the new source") { cache.current["loyalty"] != nil }
            }
        }
    }

    @Test("A write whose announcement was lost is seen by the poll")
    func polled() async throws {
        try await withRig { rig in
            try await withCache(poll: .milliseconds(50), rig) { cache in
                try await eventually(within: .seconds(30), "the first load") { cache.current.isLoaded }
                let document = JSONValue.object(DefinitionRig.source("silent")).text.dropFirst()
                _ = try await rig.send(
                    RedisCommand("HSET", rig.keys.config("dataSources"), "silent", "{\"revision\":1,\(document)"))
                _ = try await rig.send(RedisCommand("HINCRBY", rig.keys.config("changes"), "dataSources", 1))
                try await eventually(within: .seconds(30), "the silent source") { cache.current["silent"] != nil }
            }
        }
    }

    @Test("A document that cannot be read leaves the others in force")
    func unreadable() async throws {
        try await withRig { rig in
            _ = try await rig.store.create(.dataSources, DefinitionRig.source("loyalty"), by: rig.author)
            _ = try await rig.store.create(.dataSources, ["name": "broken"], by: rig.author)
            try await withCache(poll: .seconds(600), rig) { cache in
                try await cache.refresh()
                #expect(cache.current.sorted.map(\.name) == ["loyalty"])
            }
        }
    }
}
