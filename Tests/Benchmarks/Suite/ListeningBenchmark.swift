import Foundation
import Models
import TestKit

/// A thousand live journeys that listen to the event, one of which takes it, beside that one alone; and what it takes
/// to publish them.
struct ListeningBenchmark {
    let options: BenchOptions

    private struct Published {
        var milliseconds: [Double] = []
        /// From the last answer until every partition's engine goes by it.
        var untilHandled = 0.0
    }

    private let matching = "thanks"
    private var perSpan: Int { options.seconds * options.peoplePerSecond }
    private var people: Int { 2 * (options.warmUp + perSpan) }

    func run() async throws -> Report {
        say("starting the suite and loading \(people) profiles")
        let running = try await RunningStandard.start(options, people: people, journey: Self.journey(matching, "Paris"))
        return try await running.finishing { try await report(running) }
    }

    private static func journey(_ name: String, _ city: String) -> JSONObject {
        StandardJourney.journey(name: name, filter: "@event{orderPlaced.order.city} == \"\(city)\"")
    }

    private func report(_ running: RunningStandard) async throws -> Report {
        let start = options.warmUp
        _ = try await FullSpeed.warmUp(running, 0..<start, options)
        let one = try await FullSpeed.measure(running, start..<start + perSpan, options)
        let published = try await publish(running)
        let second = start + perSpan
        _ = try await FullSpeed.warmUp(running, second..<second + options.warmUp, options)
        let many = try await FullSpeed.measure(running, (second + options.warmUp)..<people, options)
        let counts = try await running.counts()

        var report = Report("listening: \(options.journeys) live journeys, 1 matches")
        report.add("journeys/s with 1 listening", Figure.whole(one.perSecond))
        report.add(
            "journeys/s with \(options.journeys)", Figure.whole(many.perSecond), target: "ratio ≥ 0.7",
            ratio: Figure.fraction(many.perSecond / one.perSecond, 2))
        report.add("CPU ms a journey with 1", Figure.fraction(one.millisecondsEach, 4))
        many.addCosts(to: &report)
        let times = published.milliseconds
        let last = times.suffix(20).reduce(0, +) / Double(max(1, min(20, times.count)))
        report.add("create and publish: the first, ms", Figure.fraction(times.first ?? 0, 1))
        report.add("  the last 20, ms each", Figure.fraction(last, 1))
        report.add("  all, s", Figure.fraction(times.reduce(0, +) / 1_000, 1))
        report.add("  until every partition goes by the last, ms", Figure.fraction(published.untilHandled, 1))
        report.add("entered, finished (engine)", "\(counts.entered), \(counts.left)", target: "equal")
        report.isSound = counts.entered == counts.left && counts.entered == running.receiver.count
        report.settings = [
            "appendfsync \(options.fsync), \(options.partitions) partitions; each of the others compares the same field"
                + " with another constant; \(one.journeys) and \(many.journeys) people",
            "memory: resident when the time with \(options.journeys) journeys began → when it was over",
        ]
        return report
    }

    private func publish(_ running: RunningStandard) async throws -> Published {
        say("publishing \(options.journeys - 1) journeys more")
        var published = Published()
        for number in 1..<max(2, options.journeys) {
            let name = "listener\(number)"
            let began = SteadyClock.nanoseconds
            try await running.publish(Self.journey(name, "city\(number)"), name: name)
            published.milliseconds.append(Double(SteadyClock.nanoseconds - began) / 1e6)
        }
        let began = SteadyClock.nanoseconds
        try await eventually(within: .seconds(60), "every partition goes by the last journey") {
            let (announced, handled) = try await running.suite.store.revisions()
            return handled >= announced
        }
        published.untilHandled = Double(SteadyClock.nanoseconds - began) / 1e6
        return published
    }
}
