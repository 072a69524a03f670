import Foundation

/// How the benchmarks of the running suite are driven, from the environment: `BENCH_SECONDS=60 deploy/bench standard`.
struct BenchOptions: Sendable {
    /// Seconds at full speed after the warm-up.
    let seconds: Int
    /// `always` or `everysec`.
    let fsync: String
    /// People who pass before anything is measured.
    let warmUp: Int
    /// Keep-alive connections of the generator, each with one request under way.
    let connections: Int
    /// Journeys begun and not yet arrived at the receiver, at most: more only wait in queues.
    let journeysUnderWayMax: Int
    /// Journeys a second for which people are made before; with more, the run ends earlier.
    let peoplePerSecond: Int
    /// Events a second of the latency benchmark.
    let rate: Int
    let partitions: Int
    /// People who wait, of the waiting benchmark.
    let waiting: Int
    /// At how many of them a second they enter at least: by it the instant is chosen at which all are due.
    let enteringPerSecond: Int
    /// Live journeys of the listening benchmark.
    let journeys: Int
    /// Whether the services reach Redis by a Unix socket instead of a port of 127.0.0.1.
    let usesSocket: Bool

    struct Problem: Error, CustomStringConvertible { let description: String }

    init(_ variables: [String: String]) throws(Problem) {
        func number(_ name: String, _ fallback: Int, in range: ClosedRange<Int>) throws(Problem) -> Int {
            guard let text = variables[name] else { return fallback }
            guard let value = Int(text), range.contains(value) else {
                throw Problem(description: "\(name) must be a number from \(range.lowerBound) to \(range.upperBound)")
            }
            return value
        }
        seconds = try number("BENCH_SECONDS", 10, in: 1...3_600)
        warmUp = try number("BENCH_WARM_UP", 4_000, in: 100...1_000_000)
        connections = try number("BENCH_CONNECTIONS", 64, in: 1...1_024)
        journeysUnderWayMax = try number("BENCH_UNDER_WAY", 4_096, in: 1...100_000)
        peoplePerSecond = try number("BENCH_PEOPLE_PER_SECOND", 10_000, in: 1...100_000)
        rate = try number("BENCH_RATE", 500, in: 1...100_000)
        partitions = try number("BENCH_PARTITIONS", 16, in: 1...16_384)
        waiting = try number("BENCH_PEOPLE", 1_000_000, in: 1_000...100_000_000)
        enteringPerSecond = try number("BENCH_ENTERING_PER_SECOND", 10_000, in: 100...1_000_000)
        journeys = try number("BENCH_JOURNEYS", 1_000, in: 2...100_000)
        usesSocket = variables["BENCH_REDIS"] == "socket"
        fsync = variables["BENCH_FSYNC"] ?? "always"
        guard ["always", "everysec"].contains(fsync) else {
            throw Problem(description: "BENCH_FSYNC is always or everysec")
        }
    }
}

enum ProcessVariables {
    static var all: [String: String] { ProcessInfo.processInfo.environment }
}
