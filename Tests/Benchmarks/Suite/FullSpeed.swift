import Foundation
import TestKit

/// One span at full speed: how many journeys a second the suite takes, and what each costs every process.
struct FullSpeed {
    let journeys: Int
    let seconds: Double
    let processorTimes: [(name: String, milliseconds: Double)]
    let ownMilliseconds: Double
    let refused: [Int: Int]
    /// Resident memory of each process when it began, and when it was over.
    let memory: [(name: String, before: Int, after: Int)]

    var perSecond: Double { Double(journeys) / seconds }

    /// Processor time of the services and Redis together, in milliseconds a journey.
    var millisecondsEach: Double { each(processorTimes.reduce(0) { $0 + $1.milliseconds }) }

    func each(_ milliseconds: Double) -> Double { milliseconds / Double(max(1, journeys)) }

    /// Lets people through so that nothing runs for the first time when it is measured; how many.
    static func warmUp(_ running: RunningStandard, _ people: Range<Int>, _ options: BenchOptions) async throws -> Int {
        say("warming up with \(people.count) people")
        let generator = running.generator(connections: options.connections)
        let before = running.receiver.count
        let warm = await generator.closedLoop(
            people, seconds: 60, underWayMax: options.journeysUnderWayMax, arrived: { running.receiver.count })
        try await running.waitForAll(before + warm.accepted)
        return warm.accepted
    }

    /// Measures until the people are used up or the time is over. Processor time counts until the last step event is
    /// stored.
    static func measure(
        _ running: RunningStandard, _ people: Range<Int>, _ options: BenchOptions, batchSize: Int = 1
    ) async throws -> FullSpeed {
        say("measuring for \(options.seconds) s")
        let generator = running.generator(connections: options.connections, batchSize: batchSize)
        let arrivedBefore = running.receiver.count
        let before = running.suite.processorTimes
        let memoryBefore = running.suite.memory
        let ownBefore = ProcessTime.milliseconds(of: getpid())
        let result = await generator.closedLoop(
            people, seconds: options.seconds, underWayMax: options.journeysUnderWayMax,
            arrived: { running.receiver.count })
        try await eventually(within: .seconds(60), "the last action arrives") {
            running.receiver.count >= arrivedBefore + result.accepted
        }
        let seconds = Double(running.receiver.lastArrival - result.firstSent) / 1e9
        let own = ProcessTime.milliseconds(of: getpid()) - ownBefore
        let memory = zip(memoryBefore, running.suite.memory).map { before, after in
            (name: after.name, before: before.mebibytes, after: after.mebibytes)
        }
        try await running.waitForAll(arrivedBefore + result.accepted)
        let times = zip(before, running.suite.processorTimes).map { before, after in
            (name: after.name, milliseconds: after.milliseconds - before.milliseconds)
        }
        return FullSpeed(
            journeys: result.accepted, seconds: seconds, processorTimes: times, ownMilliseconds: own,
            refused: result.refused, memory: memory)
    }

    /// Rows for what each process costs, and what it holds in memory at the beginning and at the end.
    func addCosts(to report: inout Report, target: String = "") {
        report.add("CPU ms a journey, services and Redis", Figure.fraction(millisecondsEach, 4), target: target)
        for (time, memory) in zip(processorTimes, memory) {
            report.add(
                "  \(time.name) (\(memory.before) → \(memory.after) MiB)",
                Figure.fraction(each(time.milliseconds), 4),
                target: time.name == "redis-server" ? "" : "≤ 200 MiB")
        }
        report.add("  apart: generator and receiver", Figure.fraction(each(ownMilliseconds), 4))
    }
}
