import TestKit
import Testing

extension FaultTests {
    @Test("A lease owner stopped past its lease commits nothing when it wakes up", arguments: FaultRounds.seeds)
    func ownerStopped(seed: UInt64) async throws {
        let rig = try await FaultRig.start()
        let second = try await rig.suite.startReplica(of: .journeyExecution, environment: FaultRig.engineEnvironment)
        try await rig.run("SIGSTOP of a lease owner past its lease", seed: seed) { load in
            try await rig.untilOwners(2)
            rig.engine.suspend()
            defer { rig.engine.resume() }
            try await rig.untilOwners(1)
            try await rig.accepted(100, more: load)
            rig.engine.resume()
            try await eventually(within: .seconds(20), "the stopped owner hears that it is none any more") {
                rig.engine.log.contains("another owner")
            }
            try await rig.untilOwners(2)
        }
        #expect(second.isRunning)
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
}
