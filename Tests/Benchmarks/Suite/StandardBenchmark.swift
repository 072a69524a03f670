import Foundation
import TestKit

/// The standard journey at full speed: how many a second, what each costs every process, and that nothing is lost.
struct StandardBenchmark {
    let options: BenchOptions
    /// Events of one envelope; 1: the inlet for single events.
    let batchSize: Int

    private var people: Int { options.warmUp + options.seconds * options.peoplePerSecond * (batchSize > 1 ? 2 : 1) }

    func run() async throws -> Report {
        let limits = try await Limits.measure(options)
        say("starting the suite and loading \(people) profiles")
        let running = try await RunningStandard.start(options, people: people, isBatch: batchSize > 1)
        return try await running.finishing { try await report(running, limits) }
    }

    private func report(_ running: RunningStandard, _ limits: Limits) async throws -> Report {
        let warm = try await FullSpeed.warmUp(running, 0..<options.warmUp, options)
        let measured = try await FullSpeed.measure(
            running, options.warmUp..<people, options, batchSize: batchSize)
        let total = warm + measured.journeys
        let counts = try await running.counts()
        let entered = try await running.storedSteps(kind: "entered")
        let left = try await running.storedSteps(kind: "left")

        let isBatch = batchSize > 1
        var report = Report(isBatch ? "batch: \(batchSize) events an envelope" : "standard")
        report.add("journeys/s", Figure.whole(measured.perSecond), target: isBatch ? "≥ 20,000" : "≥ 10,000")
        measured.addCosts(to: &report, target: isBatch ? "" : "≤ 0.15")
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
            "appendfsync \(options.fsync), \(options.partitions) partitions, \(options.connections) connections,"
                + " at most \(options.journeysUnderWayMax) journeys under way, \(measured.journeys) people in"
                + " \(Figure.fraction(measured.seconds, 1)) s after \(warm) to warm up",
            "processor time: from the first event to the last stored step event, per journey; memory: resident when the"
                + " measured time began → when it was over",
        ]
        return report
    }
}
