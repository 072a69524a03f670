import Foundation
import Histogram

/// How long an event takes to become an action at the receiver, at a steady rate.
struct LatencyBenchmark {
    let options: BenchOptions

    private var people: Int { options.warmUp + options.seconds * options.rate }

    func run() async throws -> Report {
        let running = try await RunningStandard.start(options, people: people)
        return try await running.finishing { try await report(running) }
    }

    private func report(_ running: RunningStandard) async throws -> Report {
        let generator = running.generator(connections: options.connections)
        let warm = try await FullSpeed.warmUp(running, 0..<options.warmUp, options)
        let before = running.suite.processorTimes.reduce(0) { $0 + $1.milliseconds }
        let (result, due, accepted) = await generator.openLoop(options.warmUp..<people, perSecond: options.rate)
        try await running.waitForAll(warm + result.accepted)
        let processor = running.suite.processorTimes.reduce(0) { $0 + $1.milliseconds } - before

        var fromDue = Histogram<UInt64>(highestTrackableValue: 60_000_000, numberOfSignificantValueDigits: .three)
        var fromAccepted = fromDue
        var toAccepted = fromDue
        let arrivals = running.receiver.times.suffix(due.count)
        for (place, arrival) in arrivals.enumerated() where arrival > 0 && accepted[place] > 0 {
            fromDue.record(microseconds(arrival - due[place]))
            fromAccepted.record(microseconds(arrival - accepted[place]))
            toAccepted.record(microseconds(accepted[place] - due[place]))
        }
        var report = Report("latency: \(options.rate) events/s")
        let isAlways = options.fsync == "always"
        add(
            "event due → action at the receiver", fromDue, &report,
            targets: isAlways ? ("≤ 8", "≤ 30") : ("≤ 3", "≤ 12"))
        add("event accepted → action at the receiver", fromAccepted, &report)
        add("event due → accepted", toAccepted, &report)
        report.add("CPU ms a journey at this rate", Figure.fraction(processor / Double(max(1, result.accepted)), 3))
        report.add("sent, arrived", "\(due.count), \(fromDue.totalCount)", target: "equal")
        report.isSound = Int(fromDue.totalCount) == due.count
        report.settings = [
            "appendfsync \(options.fsync), open loop for \(options.seconds) s: a late event counts from when it was due"
        ]
        return report
    }

    private func microseconds(_ nanoseconds: Int64) -> UInt64 { UInt64(max(0, nanoseconds)) / 1_000 }

    private func add(
        _ name: String, _ histogram: Histogram<UInt64>, _ report: inout Report,
        targets: (String, String) = ("", "")
    ) {
        func milliseconds(_ percentile: Double) -> String {
            Figure.fraction(Double(histogram.valueAtPercentile(percentile)) / 1_000, 2)
        }
        report.add("\(name), p50 ms", milliseconds(50), target: targets.0)
        report.add("  p99 ms", milliseconds(99), target: targets.1)
        report.add("  p99.9 ms, most", "\(milliseconds(99.9)), \(milliseconds(100))")
    }
}
