import Glibc
import JSONRPC
import Logging
import Metrics
import ServiceLifecycle
import UnixSignals

/// Runs one service from its command line to its exit code: 0 after SIGTERM or SIGINT, 1 where it cannot start or one
/// of its loops failed, 2 for settings that are wrong.
package enum ServiceProcess {
    /// Puts the service together, once Redis answers. `/health/*` is served before, `/rpc` is 503 until it returns.
    package typealias Build = @Sendable (ServiceHost) async throws(StartError) -> Void

    /// Does not return.
    package static func run(_ description: ServiceDescription, _ build: @escaping Build) async -> Never {
        let metrics = MetricsRegistry()
        MetricsSystem.bootstrap(metrics)
        // A peer that goes away while it is written to is an error of that write, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        raiseFileLimit()
        exit(
            await code(
                description, arguments: Array(CommandLine.arguments.dropFirst()), environment: environment(),
                metrics: metrics, signals: [.sigterm, .sigint], build: build))
    }

    /// Runs to the end and tells the exit code.
    ///
    /// - Parameter listening: is called with the port once requests are taken.
    static func code(
        _ description: ServiceDescription, arguments: [String], environment: [String: String],
        metrics: MetricsRegistry, signals: [UnixSignal] = [],
        print: @Sendable (String) -> Void = { Swift.print($0, terminator: "") },
        complain: @Sendable (String) -> Void = { StandardError.write(Array($0.utf8)) },
        listening: @escaping @Sendable (Int) async -> Void = { _ in }, build: @escaping Build
    ) async -> Int32 {
        if arguments.contains("--help") || arguments.contains("-h") {
            print(
                SettingsHelp.text(
                    name: description.name, summary: description.summary, declared: description.declared))
            return 0
        }
        if arguments.contains("--version") {
            print("\(description.name) \(Product.version)\n")
            return 0
        }
        do throws(SettingsError) {
            let settings = try SettingsReader(declared: description.declared)
                .read(arguments: arguments, environment: environment)
            let logger = LineLogHandler.logger(
                label: description.name, level: settings[CommonSettings.logLevel],
                format: settings[CommonSettings.logFormat])
            let parts = try await ServiceParts(settings, usesRedis: description.usesRedis, logger: logger)
            let run = ServiceRun(
                description: description, settings: settings, parts: parts, logger: logger, metrics: metrics,
                listening: listening, build: build)
            return await code(of: run, signals: signals, complain: complain)
        } catch {
            complain("\(description.name): \(error.sentence)\n")
            return 2
        }
    }

    private static func code(
        of run: ServiceRun, signals: [UnixSignal], complain: @Sendable (String) -> Void
    ) async -> Int32 {
        do {
            try await run.run(signals: signals)
            return 0
        } catch let error as StartError {
            complain("\(run.description.name): \(error.sentence)\n")
            return 1
        } catch {
            run.logger.critical("A part of the service failed", metadata: ["cause": "\(error)"])
            return 1
        }
    }

    /// Connections are files: the soft limit of many systems, 1,024, is far below what the server takes.
    private static func raiseFileLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    private static func environment() -> [String: String] {
        var variables: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let parts = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2, parts[0].hasPrefix("SOJOURN_") { variables[String(parts[0])] = String(parts[1]) }
            entry += 1
        }
        return variables
    }
}
