import Foundation
import TestKit

/// The standard journey at full speed: how many a second, what each costs every process, and that nothing is lost.
struct StandardBenchmark {
    let options: BenchOptions
    /// Events of one envelope; 1: the inlet for single events.
    let batchSize: Int

    private struct Measured {
        let journeys: Int
        let seconds: Double
        let processorTimes: [(name: String, milliseconds: Double)]
        let ownMilliseconds: Double
        let refused: [Int: Int]

        var perSecond: Double { Double(journeys) / seconds }
    }

    private var people: Int { options.warmUp + options.seconds * options.peoplePerSecond * (batchSize > 1 ? 2 : 1) }

    func run() async throws -> Report {
        let limits = try await Limits.measure(options)
        say("starting the suite and loading \(people) profiles")
        let running = try await RunningStandard.start(options, people: people, isBatch: batchSize > 1)
        do {
            let report = try await report(running, limits)
            await stop(running)
            return report
        } catch {
            say(running.suite.logs)
            await stop(running)
            throw error
        }
    }

    private func stop(_ running: RunningStandard) async {
        await running.suite.stop()
        running.receiver.close()
    }

    private func report(_ running: RunningStandard, _ limits: Limits) async throws -> Report {
        let generator = running.generator(connections: options.connections, batchSize: batchSize)
        say("warming up with \(options.warmUp) people")
        let warm = await generator.closedLoop(
            0..<options.warmUp, seconds: 60, underWayMax: options.journeysUnderWayMax,
            arrived: { running.receiver.count })
        try await running.waitForAll(warm.accepted)
        say("measuring for \(options.seconds) s")
        let measured = try await measure(running, generator, warmUp: warm.accepted)
        let memory = running.suite.memory
        let total = warm.accepted + measured.journeys
        let counts = try await running.counts()
        let entered = try await running.storedSteps(kind: "entered")
        let left = try await running.storedSteps(kind: "left")

        let isBatch = batchSize > 1
        var report = Report(isBatch ? "batch: \(batchSize) events an envelope" : "standard")
        report.add("journeys/s", Figure.whole(measured.perSecond), target: isBatch ? "≥ 20,000" : "≥ 10,000")
        addCosts(measured, memory, &report)
        limits.add(to: &report, journeysPerSecond: measured.perSecond)
        let arrived = running.receiver.count
        report.add("accepted, arrived, calls made", "\(total), \(arrived), \(running.receiver.calls)", target: "equal")
        report.add("keys seen by the receiver", "\(running.receiver.keys)", target: "= accepted")
        report.add("entered, finished (engine)", "\(counts.entered), \(counts.left)", target: "= accepted")
        report.add("entered, left (stored step events)", "\(entered), \(left)", target: "= accepted")
        let refused = measured.refused.sorted { $0.key < $1.key }.map { "\($0.value) by \($0.key)" }
        report.add("refused", refused.isEmpty ? "0" : refused.joined(separator: ", "), target: "0")
        report.isSound =
            [arrived, running.receiver.keys, counts.entered, counts.left, entered, left].allSatisfy { $0 == total }
        report.settings = [
            "appendfsync \(options.fsync), \(options.partitions) partitions, \(options.connections) connections, at most"
                + " \(options.journeysUnderWayMax) journeys under way, \(measured.journeys) people in"
                + " \(Figure.fraction(measured.seconds, 1)) s after \(warm.accepted) to warm up",
            "processor time: from the first event to the last stored step event, per journey",
        ]
        return report
    }

    private func measure(_ running: RunningStandard, _ generator: Generator, warmUp: Int) async throws -> Measured {
        let before = running.suite.processorTimes
        let ownBefore = ProcessTime.milliseconds(of: getpid())
        let result = await generator.closedLoop(
            options.warmUp..<people, seconds: options.seconds, underWayMax: options.journeysUnderWayMax,
            arrived: { running.receiver.count })
        try await eventually(within: .seconds(60), "the last action arrives") {
            running.receiver.count >= warmUp + result.accepted
        }
        let seconds = Double(running.receiver.lastArrival - result.firstSent) / 1e9
        let own = ProcessTime.milliseconds(of: getpid()) - ownBefore
        try await running.waitForAll(warmUp + result.accepted)
        let times = zip(before, running.suite.processorTimes).map { before, after in
            (name: after.name, milliseconds: after.milliseconds - before.milliseconds)
        }
        return Measured(
            journeys: result.accepted, seconds: seconds, processorTimes: times, ownMilliseconds: own,
            refused: result.refused)
    }

    private func addCosts(
        _ measured: Measured, _ memory: [(name: String, mebibytes: Int)], _ report: inout Report
    ) {
        func each(_ milliseconds: Double) -> String {
            Figure.fraction(milliseconds / Double(max(1, measured.journeys)), 4)
        }
        let all = measured.processorTimes.reduce(0) { $0 + $1.milliseconds }
        report.add("CPU ms a journey, services and Redis", each(all), target: batchSize > 1 ? "" : "≤ 0.15")
        for (time, memory) in zip(measured.processorTimes, memory) {
            let target = time.name == "redis-server" ? "" : "≤ 200 MiB"
            report.add("  \(time.name) (\(memory.mebibytes) MiB)", each(time.milliseconds), target: target)
        }
        report.add("  apart: generator and receiver", each(measured.ownMilliseconds))
    }
}
