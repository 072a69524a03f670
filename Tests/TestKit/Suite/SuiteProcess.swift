import Foundation
import Glibc
import HTTPClient
import Synchronization

/// One process of a service, on a port that it keeps over restarts. It is killed when nobody holds it any more.
package final class SuiteProcess: Sendable {
    private struct State {
        var child: ChildProcess?
        var environment: [String: String]
    }

    package let service: SuiteService
    package let port: Int
    private let executable: String
    private let arguments: [String]
    private let logFile: String
    private let http: OutboundClient
    private let state: Mutex<State>

    init(
        _ service: SuiteService, port: Int, environment: [String: String], arguments: [String] = [], logFile: String,
        http: OutboundClient
    ) throws {
        self.service = service
        self.port = port
        self.arguments = ["--port", "\(port)"] + arguments
        self.logFile = logFile
        self.http = http
        executable = try SuiteService.executable(named: service.rawValue)
        state = Mutex(State(environment: environment))
    }

    package var name: String { service.rawValue }

    /// Without a slash at the end.
    package var url: String { "http://127.0.0.1:\(port)" }

    /// 0 before the first start.
    package var pid: pid_t { state.withLock { $0.child?.pid } ?? 0 }

    package var isRunning: Bool { child?.isRunning ?? false }

    /// What it wrote so far, over all its starts.
    package var log: String { (try? String(contentsOfFile: logFile, encoding: .utf8)) ?? "" }

    private var child: ChildProcess? { state.withLock { $0.child } }

    package func signal(_ signal: Int32) {
        child?.signal(signal)
    }

    /// Returns when it is gone.
    package func kill9() {
        child?.end()
    }

    /// Stops it without a goodbye; its connections stay open and nobody answers.
    package func suspend() {
        signal(SIGSTOP)
    }

    package func resume() {
        signal(SIGCONT)
    }

    /// Asks it to end, and gives its exit status.
    package func terminate(within limit: Duration = .seconds(30)) async throws -> Int32 {
        signal(SIGTERM)
        return try await exitStatus(within: limit)
    }

    /// Waits until it has ended: its exit code, or 128 and the number of the signal that killed it.
    package func exitStatus(within limit: Duration = .seconds(30)) async throws -> Int32 {
        guard let child else { throw TestKitError("\(name) was never started.") }
        try await eventually(within: limit, "\(name) has ended") { !child.isRunning }
        return child.exitStatus ?? -1
    }

    /// Starts it on the same port, after its end or by killing it, and waits until it is ready.
    ///
    /// - Parameter environment: over the variables that it has; they stay for later starts.
    package func restart(environment: [String: String] = [:]) async throws {
        try launch(environment: environment)
        try await becomeReady()
    }

    /// As `restart`, without waiting.
    ///
    /// - Parameter prefix: a command that is to start it, as `CutNetwork.prefix`.
    package func launch(environment: [String: String] = [:], prefix: [String] = []) throws {
        kill9()
        let variables = state.withLock { state in
            state.environment.merge(environment) { $1 }
            return state.environment
        }
        let words = prefix.isEmpty ? [executable] : ["/usr/bin/env"] + prefix + [executable]
        let child = try ChildProcess(
            words[0], words.dropFirst() + arguments, environment: variables, output: logFile)
        state.withLock { $0.child = child }
    }

    package func becomeReady(within limit: Duration = .seconds(60)) async throws {
        try await eventually(within: limit, "\(name) is ready; its log ends with:\n\(log.suffix(2_000))") {
            if !isRunning { throw TestKitError("\(name) ended at once; its log ends with:\n\(log.suffix(2_000))") }
            var request = HTTPRequest(.get, url + "/health/ready")
            request.timeout = .seconds(2)
            return (try? await http.send(request))?.status == 200
        }
    }
}
