import Foundation
import Models
import Redis
import TestKit
import Testing

extension FaultTests {
    @Test("kill -9 of Redis with appendfsync always loses no accepted event", arguments: FaultRounds.seeds)
    func redisKilled(seed: UInt64) async throws {
        let rig = try await FaultRig.start(fsync: .always)
        try await rig.run("kill -9 of Redis (always)", seed: seed) { load in
            var random = SeededGenerator(seed: seed)
            for _ in 0..<3 {
                try await rig.accepted(.random(in: 20...80, using: &random), more: load)
                try await rig.suite.redis.restart()
            }
        }
    }

    @Test(
        "kill -9 of Redis with appendfsync everysec loses nothing accepted more than a second before",
        arguments: FaultRounds.seeds)
    func redisKilledEverySecond(seed: UInt64) async throws {
        let rig = try await FaultRig.start(fsync: .everySecond)
        var random = SeededGenerator(seed: seed)
        let pauses = (0..<3).map { _ in Int.random(in: 20...80, using: &random) }
        try await rig.runLosing("kill -9 of Redis (everysec)", seed: seed, boundMilliseconds: 1_000) { load in
            var kills: [Int64] = []
            for pause in pauses {
                try await rig.accepted(pause, more: load)
                kills.append(Int64(Date().timeIntervalSince1970 * 1_000))
                try await rig.suite.redis.restart()
            }
            return kills
        }
    }

    @Test("Redis connections cut mid-pipeline do nothing twice", arguments: FaultRounds.seeds)
    func connectionsCut(seed: UInt64) async throws {
        let rig = try await FaultRig.start(redisThroughProxy: true)
        let proxy = try #require(rig.suite.redisProxy)
        try await rig.run("Redis connections cut", seed: seed) { load in
            var random = SeededGenerator(seed: seed)
            for _ in 0..<15 {
                try await rig.accepted(.random(in: 3...25, using: &random), more: load)
                proxy.cut()
            }
        }
    }

    @Test("A commit whose answer is lost happens once", arguments: FaultRounds.seeds)
    func answersLost(seed: UInt64) async throws {
        let rig = try await FaultRig.start()
        let proxy = try FaultProxy.start(to: rig.suite.redis.place)
        defer { proxy.close() }
        try await rig.engine.restart(environment: ["SOJOURN_REDIS_URL": proxy.redisURL])
        var settings = EventLoad.Settings()
        settings.people = 80
        settings.pause = .milliseconds(600)
        try await rig.run("answers of Redis to the engine lost", seed: seed, load: settings) { load in
            var random = SeededGenerator(seed: seed)
            // Most answers that get lost are to reads; some must have been to commits.
            for _ in 0..<40 where uncertainCommits(rig) < 3 {
                try await rig.accepted(.random(in: 20...50, using: &random), more: load)
                proxy.behaviour = .loseOneAnswer
                try await eventually(within: .seconds(30), "an answer was lost") { proxy.behaviour == .pass }
            }
            // Carried out without an answer until the engine's time-out cuts the connection itself.
            proxy.behaviour = .dropAnswers
            try await rig.accepted(100, more: load)
            proxy.behaviour = .pass
        }
        let uncertain = uncertainCommits(rig)
        print("fault run: \(uncertain) commits without an answer")
        #expect(uncertain > 0, "no answer to a commit was among the lost ones")
    }

    private func uncertainCommits(_ rig: FaultRig) -> Int {
        rig.engine.log.split(separator: "a commit has no certain outcome").count - 1
    }

    @Test("Without a single pub/sub message everything goes on by slow polls", arguments: FaultRounds.seeds)
    func messagesDropped(seed: UInt64) async throws {
        // All as one user, whose right to subscribe can be taken away.
        let rig = try await FaultRig.start(signsIn: false)
        try await rig.run("pub/sub messages all dropped", seed: seed) { load in
            try await rig.redis("ACL", "SETUSER", "default", "-subscribe", "-psubscribe")
            try await rig.redis("CLIENT", "KILL", "TYPE", "pubsub")
            let before = rig.thirdParty.performedCount
            try await rig.accepted(200, more: load)
            try await eventually(within: .seconds(20), "journeys go on without messages") {
                rig.thirdParty.performedCount >= before + 100
            }
            let subscribers = try await rig.redis("PUBSUB", "NUMPAT").requireInteger()
            #expect(subscribers == 0, "nobody can have heard a message")
            try await rig.redis("ACL", "SETUSER", "default", "+subscribe", "+psubscribe")
        }
    }

    @Test("Redis that is paused or stopped delays everything and loses nothing", arguments: FaultRounds.seeds)
    func redisPaused(seed: UInt64) async throws {
        let rig = try await FaultRig.start()
        try await rig.run("Redis paused", seed: seed) { load in
            try await rig.redis("CLIENT", "PAUSE", "3000", "ALL")
            try await rig.accepted(80, more: load)
            // Longer than the services wait for an answer.
            rig.suite.redis.suspend()
            defer { rig.suite.redis.resume() }
            let unheard = load.figures.unheard
            try await eventually(within: .seconds(30), "producers hear nothing") {
                load.figures.unheard >= unheard + 80
            }
        }
    }

    @Test("Redis that turns read-only delays everything and loses nothing", arguments: FaultRounds.seeds)
    func redisReadOnly(seed: UInt64) async throws {
        let rig = try await FaultRig.start()
        try await rig.run("Redis read-only", seed: seed) { load in
            // A replica of a master that is not there: it answers reads and refuses writes.
            try await rig.redis("REPLICAOF", "127.0.0.1", "1")
            let unheard = load.figures.unheard
            try await eventually(within: .seconds(30), "events are not accepted") {
                load.figures.unheard >= unheard + 200
            }
            try await rig.redis("REPLICAOF", "NO", "ONE")
        }
    }

    @Test("Redis out of memory refuses events and lets accepted work drain", arguments: FaultRounds.seeds)
    func outOfMemory(seed: UInt64) async throws {
        let rig = try await FaultRig.start()
        try await rig.run("Redis out of memory", seed: seed) { load in
            try await rig.redis("CONFIG", "SET", "maxmemory", "1mb")
            let full = load.figures.full
            try await eventually(within: .seconds(30), "events are refused") { load.figures.full >= full + 100 }
            // Nothing comes in, and everything that was accepted goes out.
            try await rig.becomeQuiet(within: .seconds(30))
            try await rig.redis("CONFIG", "SET", "maxmemory", "0")
        }
    }

    @Test(
        "A full disk ends Redis; what was accepted is there when there is room again",
        .enabled(if: SmallDisk.isPossible, "needs root and the right to mount a small tmpfs"),
        arguments: FaultRounds.seeds)
    func diskFull(seed: UInt64) async throws {
        let disk = try SmallDisk(mebibytes: 128)
        let rig = try await FaultRig.start(fsync: .always, redisFolder: disk.path)
        try await rig.run("disk full (always)", seed: seed) { load in
            for _ in 0..<2 {
                try await rig.accepted(60, more: load)
                disk.fill()
                try await eventually(within: .seconds(30), "redis-server ends") { !rig.suite.redis.isRunning }
                disk.clear()
                try await rig.suite.redis.restart()
            }
        }
    }

    @Test("Flushing the script cache changes nothing", arguments: FaultRounds.seeds)
    func scriptsFlushed(seed: UInt64) async throws {
        let rig = try await FaultRig.start()
        try await rig.run("script cache flushed", seed: seed) { load in
            for _ in 0..<15 {
                try await rig.accepted(15, more: load)
                try await rig.redis("SCRIPT", "FLUSH")
            }
        }
    }

    @Test("Queue elements that are not JSON are parked and the rest goes on", arguments: FaultRounds.seeds)
    func notJSON(seed: UInt64) async throws {
        let rig = try await FaultRig.start()
        try await rig.run("queue elements that are not JSON", seed: seed) { load in
            for partition in 0..<FaultRig.partitions {
                for queue in ["inbox", "actions", "fetches"] {
                    try await rig.redis("RPUSH", rig.suite.key(queue, partition), "this is not JSON", #"{"kind":"#)
                }
                try await rig.accepted(10, more: load)
            }
        }
        let expected = 2 * FaultRig.partitions
        for queue in ["inbox:dead", "actions:dead", "fetches:dead"] {
            let dead = try await rig.elements(queue)
            #expect(dead.count == expected, "\(queue) holds \(dead.count)")
            #expect(dead.allSatisfy { $0["reason"] != nil }, "\(dead.first?.text ?? "")")
        }
    }
}
