import Foundation
import Models
import Synchronization
import TestKit

/// The people who wait, from their events to the firing of their timers.
final class WaitingCrowd: Sendable {
    private let running: RunningStandard
    private let count: Int
    /// When all timers are due.
    private let due: Date
    let bytesEach: Double
    let sizes: [(key: String, bytes: Double)]
    let enteredPerSecond: Double

    private init(
        _ running: RunningStandard, count: Int, due: Date, bytesEach: Double, sizes: [(key: String, bytes: Double)],
        enteredPerSecond: Double
    ) {
        self.running = running
        self.count = count
        self.due = due
        self.bytesEach = bytesEach
        self.sizes = sizes
        self.enteredPerSecond = enteredPerSecond
    }

    /// People under way into the wait: below the inbox's cap.
    private static let underWayMax = 20_000

    /// Lets everybody enter, by events of the batch inlet.
    static func enter(_ running: RunningStandard, _ options: BenchOptions) async throws -> WaitingCrowd {
        let suite = running.suite, store = suite.store, count = options.waiting
        _ = try await suite.call("event-ingestion", "schemas.create", WaitingJourney.schema)
        _ = try await suite.call("event-ingestion", "events.create", WaitingJourney.eventDefinition)
        let inlet = try await suite.call("event-ingestion", "inlets.create", WaitingJourney.inlet)
        guard let id = inlet["id"]?.stringValue else { throw Suite.Problem(description: "The inlet has no id.") }
        try await running.publish(WaitingJourney.journey, name: WaitingJourney.name)
        try await quiet(running)
        let memory = try await store.usedMemory()

        // The instant stands in each event, so it is chosen before: late enough for all that comes before it.
        let due = Date(timeIntervalSinceNow: Double(count / options.enteringPerSecond + 2 * options.seconds + 45))
        say("letting \(count) people into the wait, until \(WaitingJourney.iso(due))")
        let until = WaitingJourney.iso(due), run = running.run
        let generator = Generator(
            source: Generator.Source(path: "/collection/batch/\(id)", batchSize: 100) { person in
                WaitingJourney.eventBody(person: person, run: run, until: until)
            }, port: running.port, connections: options.connections)
        let inside = Mutex(0)
        let began = SteadyClock.nanoseconds
        let watch = Task {
            while !Task.isCancelled {
                if let now = try? await store.inside(WaitingJourney.name) { inside.withLock { $0 = now } }
                try? await Task.sleep(for: .milliseconds(20))
            }
        }
        let result = await generator.closedLoop(
            0..<count, seconds: 3_600, underWayMax: underWayMax, arrived: { inside.withLock { $0 } })
        watch.cancel()
        guard result.accepted == count else {
            throw Suite.Problem(description: "\(count - result.accepted) events were refused: \(result.refused)")
        }
        try await eventually(within: .seconds(60), "all \(count) people are in the wait") {
            try await store.inside(WaitingJourney.name) >= count
        }
        let seconds = Double(SteadyClock.nanoseconds - began) / 1e9
        try await quiet(running)
        let grown = try await store.usedMemory() - memory
        return WaitingCrowd(
            running, count: count, due: due, bytesEach: Double(grown) / Double(count),
            sizes: try await store.sizes(of: WaitingJourney.name), enteredPerSecond: Double(count) / seconds)
    }

    /// Until step events are stored and Redis does nothing of its own.
    private static func quiet(_ running: RunningStandard) async throws {
        try await eventually(within: .seconds(120), "the step events are stored and Redis is at rest") {
            try await Task.sleep(for: .milliseconds(50))
            guard try await running.stepsWaiting() == 0 else { return false }
            return try await !running.suite.store.isRewriting()
        }
    }

    /// Processor time a second of each process while nothing happens, in milliseconds.
    func idleCosts() async throws -> (sum: Double, each: [(name: String, milliseconds: Double)]) {
        let span = 5
        say("doing nothing for \(span) s")
        let before = running.suite.processorTimes
        try await Task.sleep(for: .seconds(span))
        let each = zip(before, running.suite.processorTimes).map { before, after in
            (name: after.name, milliseconds: (after.milliseconds - before.milliseconds) / Double(span))
        }
        return (each.reduce(0) { $0 + $1.milliseconds }, each)
    }

    /// Ends each service and starts it again, one after the other: milliseconds to ready.
    func restarts() async throws -> [(name: String, milliseconds: Double)] {
        say("starting each service anew")
        var times: [(name: String, milliseconds: Double)] = []
        for name in Suite.services { times.append((name, try await running.suite.restart(name))) }
        return times
    }

    /// What the firing of all timers came to.
    struct Drain {
        let people: Int
        let early: Int
        let secondsToFirst: Double
        let seconds: Double
        let processorTimes: [(name: String, milliseconds: Double)]
        let memory: [(name: String, mebibytes: Int)]
        /// By the stored step events.
        let entered: Int
        let passed: Int
        let finished: Int
        let timersLeft: Int

        var isSound: Bool {
            early == 0 && timersLeft == 0 && [entered, passed, finished].allSatisfy { $0 == people }
        }

        func add(to report: inout Report) {
            report.add(
                "timers due at once, drained a second", Figure.whole(Double(people) / seconds), target: "≥ 20,000")
            report.add(
                "  first and last fired, s after they were due",
                Figure.fraction(secondsToFirst, 2) + ", "
                    + Figure.fraction(seconds, 2))
            report.add("  fired early, left over", "\(early), \(timersLeft)", target: "0, 0")
            report.add(
                "  entered, waited, finished (stored step events)", "\(entered), \(passed), \(finished)",
                target: "= people")
            let all = processorTimes.reduce(0) { $0 + $1.milliseconds }
            report.add("  CPU ms a timer, services and Redis", Figure.fraction(all / Double(people), 4))
            for (time, memory) in zip(processorTimes, memory) {
                report.add(
                    "    \(time.name) (\(memory.mebibytes) MiB)",
                    Figure.fraction(time.milliseconds / Double(people), 4))
            }
        }
    }

    /// Waits for the instant, then until everybody has left.
    func drain() async throws -> Drain {
        let store = running.suite.store
        let rest = due.timeIntervalSinceNow
        guard rest > 0.5 else {
            throw Suite.Problem(
                description: "The timers were due \(-rest) s before all was measured: lower BENCH_ENTERING_PER_SECOND.")
        }
        say("waiting \(Int(rest)) s until all timers are due")
        try await Task.sleep(for: .seconds(max(0, rest - 0.3)))
        let early = count - (try await store.inside(WaitingJourney.name))
        let before = running.suite.processorTimes
        var first: Double?
        try await eventually(within: .seconds(600), "everybody has left the wait") {
            try await Task.sleep(for: .milliseconds(10))
            let inside = try await store.inside(WaitingJourney.name)
            if first == nil, inside < count { first = -due.timeIntervalSinceNow }
            return inside == 0
        }
        let seconds = -due.timeIntervalSinceNow
        let memory = running.suite.memory
        try await Self.quiet(running)
        let times = zip(before, running.suite.processorTimes).map { before, after in
            (name: after.name, milliseconds: after.milliseconds - before.milliseconds)
        }
        let report = try await running.suite.call(
            "journey-reporting", "reports.live", ["name": .string(WaitingJourney.name)])
        let all = report["sinceStart"]
        let node = all?["nodes"]?.arrayValue?.first { $0["node"] == "rest" }
        func number(_ value: JSONValue?) -> Int { Int(value?.integerValue ?? -1) }
        return Drain(
            people: count, early: early, secondsToFirst: first ?? 0, seconds: seconds, processorTimes: times,
            memory: memory, entered: number(all?["totals"]?["entered"]), passed: number(node?["passed"]),
            finished: number(all?["totals"]?["finished"]), timersLeft: try await store.timers())
    }
}
