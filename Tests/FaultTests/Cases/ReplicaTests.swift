import TestKit
import Testing

extension FaultTests {
    @Test("A lease owner stopped past its lease commits nothing when it wakes up", arguments: FaultRounds.seeds)
    func ownerStopped(seed: UInt64) async throws {
        let rig = try await FaultRig.start()
        let proxy = try FaultProxy.start(to: rig.suite.redis.place)
        defer { proxy.close() }
        try await rig.engine.restart(environment: ["SOJOURN_REDIS_URL": proxy.redisURL])
        let second = try await rig.suite.startReplica(of: .journeyExecution, environment: FaultRig.engineEnvironment)
        try await rig.run("SIGSTOP of a lease owner past its lease", seed: seed) { load in
            // Once more where it was not stopped between reading and committing.
            for _ in 0..<4 where refusedCommits(rig) == 0 {
                try await rig.untilOwners(2)
                proxy.behaviour = .delay(.milliseconds(150))
                try await rig.accepted(40, more: load)
                rig.engine.suspend()
                defer { rig.engine.resume() }
                try await rig.untilOwners(1)
                proxy.behaviour = .pass
                try await rig.accepted(50, more: load)
                rig.engine.resume()
                try await rig.untilOwners(2)
            }
        }
        #expect(second.isRunning)
        print("fault run: \(refusedCommits(rig)) commits of the stopped owner were refused")
        #expect(refusedCommits(rig) > 0, "the stopped owner had nothing to commit when it woke up")
    }

    private func refusedCommits(_ rig: FaultRig) -> Int {
        rig.engine.log.split(separator: "a partition has another owner").count - 1
    }

    @Test("Replicas that join and leave under load lose nothing and repeat nothing", arguments: FaultRounds.seeds)
    func replicasJoinAndLeave(seed: UInt64) async throws {
        let rig = try await FaultRig.start()
        try await rig.run("replicas joining and leaving", seed: seed) { load in
            let engine = try await rig.suite.startReplica(
                of: .journeyExecution, environment: FaultRig.engineEnvironment)
            let dispatcher = try await rig.suite.startReplica(
                of: .actionDispatch, environment: FaultRig.workerEnvironment)
            try await rig.untilOwners(2)
            try await rig.accepted(50, more: load)
            for process in [rig.engine, rig.suite.service(.actionDispatch)] {
                let status = try await process.terminate(within: .seconds(10))
                #expect(status == 0, "\(process.name) ended with \(status)")
            }
            try await rig.untilOwners(1)
            try await rig.accepted(50, more: load)
            try await rig.engine.restart()
            try await rig.suite.service(.actionDispatch).restart()
            try await rig.untilOwners(2)
            for process in [engine, dispatcher] {
                let status = try await process.terminate(within: .seconds(10))
                #expect(status == 0, "\(process.name) ended with \(status)")
            }
        }
    }

    @Test(
        "A replica whose network is cut for five seconds is replaced, and commits nothing of before when it is back",
        .enabled(if: CutNetwork.isPossible, "needs root and the right to make a network namespace"),
        arguments: FaultRounds.seeds)
    func networkCut(seed: UInt64) async throws {
        let rig = try await FaultRig.start()
        let network = try CutNetwork()
        let port = try freePort()
        for (name, value) in [("protected-mode", "no"), ("bind", network.address), ("port", "\(port)")] {
            try await rig.redis("CONFIG", "SET", name, value)
        }
        let outside = try await rig.suite.startReplica(of: .journeyExecution, environment: FaultRig.engineEnvironment)
        let url = "redis://\(network.address):\(port)"
        _ = try await rig.engine.terminate()
        try rig.engine.launch(environment: ["SOJOURN_REDIS_URL": url], prefix: network.prefix)
        try await rig.run("network of a replica cut for five seconds", seed: seed, load: .long) { load in
            try await rig.untilOwners(2)
            try await rig.accepted(40, more: load)
            try network.cut()
            let began = ContinuousClock.now
            try await rig.untilOwners(1)
            try await eventually(within: .seconds(30), "the network was away for long enough") {
                ContinuousClock.now - began >= .seconds(5)
            }
            try network.heal()
            try await rig.untilOwners(2)
        }
        #expect(outside.isRunning && rig.engine.isRunning)
    }

    @Test(
        "A wall clock that is an hour off in one service loses nothing and does nothing twice",
        .enabled(if: FakeClock.library != nil, "needs libfaketime"), arguments: FaultRounds.seeds)
    func wallClock(seed: UInt64) async throws {
        let rig = try await FaultRig.start()
        try await rig.run("wall clock an hour off", seed: seed) { load in
            for service in [SuiteService.journeyExecution, .actionDispatch, .dataSourceFetching, .eventIngestion] {
                for shift in ["+1h", "-1h"] {
                    try await rig.suite.service(service).restart(environment: FakeClock.environment(shift))
                    try await rig.accepted(60, more: load)
                }
                try await rig.suite.service(service).restart(environment: FakeClock.right)
            }
        }
    }
}
