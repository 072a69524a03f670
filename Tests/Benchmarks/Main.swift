import Foundation
import TestKit

/// `sojourn-bench [NAME…]`: measures, and prints each figure beside its target. `deploy/bench` builds and starts it.
@main
enum Main {
    private static let benchmarks: [(name: String, run: @Sendable (BenchOptions) async throws -> Report)] = [
        ("standard", { try await StandardBenchmark(options: $0, batchSize: 1).run() }),
        ("batch", { try await StandardBenchmark(options: $0, batchSize: 100).run() }),
        ("latency", { try await LatencyBenchmark(options: $0).run() }),
        ("waiting", { try await WaitingBenchmark(options: $0).run() }),
        ("lookup", { try await LookUpBenchmark(options: $0).run() }),
        ("listening", { try await ListeningBenchmark(options: $0).run() }),
        ("engine", { _ in try EngineBenchmark.run() }),
        ("simulation", { _ in try await SimulationBenchmark.run() }),
        ("validation", { _ in try ValidationBenchmark.run() }),
        ("expressions", { _ in try ExpressionsBenchmark.run() }),
        ("json", { _ in try JSONBenchmark.run() }),
    ]

    static func main() async {
        signal(SIGPIPE, SIG_IGN)
        let names = CommandLine.arguments.dropFirst()
        for name in names where !benchmarks.contains(where: { $0.name == name }) {
            say(
                "sojourn-bench: no benchmark is named \(name); there are \(benchmarks.map(\.name).joined(separator: ", "))"
            )
            exit(2)
        }
        var isComplete = true
        do {
            let options = try BenchOptions(ProcessVariables.all)
            print(Machine.description)
            for (name, run) in benchmarks where names.isEmpty || names.contains(name) {
                say("running \(name)")
                let report = try await run(options)
                print("\n\(report.text)")
                fflush(nil)
                isComplete = isComplete && report.isSound
            }
        } catch {
            say("sojourn-bench: \(error)")
            exit(1)
        }
        exit(isComplete ? 0 : 1)
    }
}

/// Progress and problems go to the error output, so that the tables alone can be kept.
func say(_ text: String) {
    FileHandle.standardError.write(Data((text + "\n").utf8))
}
