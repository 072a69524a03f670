import Foundation
import Models
import TestKit

/// Many people in a wait: what each takes of Redis, what they cost others, and how fast they go on when all are due at
/// the same instant.
struct WaitingBenchmark {
    let options: BenchOptions

    private var perSpan: Int { options.seconds * options.peoplePerSecond }
    /// Of the standard journey.
    private var people: Int { 2 * (options.warmUp + perSpan) }

    func run() async throws -> Report {
        say("starting the suite and loading \(people) profiles")
        let running = try await RunningStandard.start(options, people: people)
        return try await running.finishing { try await report(running) }
    }

    private func report(_ running: RunningStandard) async throws -> Report {
        let start = options.warmUp
        _ = try await FullSpeed.warmUp(running, 0..<start, options)
        let before = try await FullSpeed.measure(running, start..<start + perSpan, options)
        let crowd = try await WaitingCrowd.enter(running, options)
        let idle = try await crowd.idleCosts()
        let second = start + perSpan
        _ = try await FullSpeed.warmUp(running, second..<second + options.warmUp, options)
        let during = try await FullSpeed.measure(running, (second + options.warmUp)..<people, options)
        let starts = try await crowd.restarts()
        let drain = try await crowd.drain()

        var report = Report("waiting: \(Figure.whole(Double(options.waiting))) people")
        report.add(
            "bytes of Redis a person waiting", Figure.whole(crowd.bytesEach), target: "≤ 700")
        for (key, bytes) in crowd.sizes { report.add("  in \(key)", Figure.whole(bytes)) }
        report.add("  apart: a profile of the standard journey", Figure.whole(running.profileBytes))
        report.add("people who entered a second", Figure.whole(crowd.enteredPerSecond))
        report.add("standard journeys/s with nobody waiting", Figure.whole(before.perSecond))
        report.add(
            "standard journeys/s with all waiting", Figure.whole(during.perSecond), target: "ratio ≥ 0.8",
            ratio: Figure.fraction(during.perSecond / before.perSecond, 2))
        report.add("CPU ms a journey with nobody waiting", Figure.fraction(before.millisecondsEach, 4))
        during.addCosts(to: &report)
        report.add("CPU ms a second with all waiting and nothing to do", Figure.fraction(idle.sum, 1))
        for (name, milliseconds) in idle.each { report.add("  \(name)", Figure.fraction(milliseconds, 1)) }
        for (name, milliseconds) in starts {
            report.add("start to ready, \(name), ms", Figure.whole(milliseconds), target: "≤ 300")
        }
        drain.add(to: &report)
        report.isSound = drain.isSound
        report.settings = [
            "appendfsync \(options.fsync), \(options.partitions) partitions, \(options.waiting) people in a wait until"
                + " one instant that their event names; bytes are the growth of used_memory",
            "memory: resident when the time with all waiting began → when it was over",
        ]
        return report
    }
}
