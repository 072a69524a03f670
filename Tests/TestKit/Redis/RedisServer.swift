import Glibc
import Redis
import Synchronization

/// A real redis-server for a test, in a folder of its own. It is killed when nobody holds it any more.
package final class RedisServer: Sendable {
    package enum AppendOnly: Sendable {
        case no, everySecond, always
    }

    package enum Transport: Sendable {
        /// The default: no two servers can be in each other's way.
        case socket
        /// 127.0.0.1, for what must pass a proxy.
        case tcp
    }

    private let folder: TemporaryFolder
    private let arguments: [String]
    private let user: String
    private let password: String?
    private let process: Mutex<ChildProcess>
    package let place: LocalPlace

    /// Starts a server and waits until it answers.
    ///
    /// - Parameters:
    ///   - maxMemory: as in redis.conf: `100mb`; refuses when it is full (`noeviction`).
    ///   - access: who may do what; ``url`` is the operator's then.
    ///   - extra: more arguments: `["--databases", "4"]`.
    package static func start(
        appendOnly: AppendOnly = .no, maxMemory: String? = nil, password: String? = nil,
        access: AccessList? = nil, transport: Transport = .socket, extra: [String] = []
    ) async throws -> RedisServer {
        let folder = try TemporaryFolder()
        var arguments = [
            "--dir", folder.path, "--save", "", "--logfile", folder.file("redis.log"),
            "--maxmemory-policy", "noeviction",
        ]
        switch appendOnly {
        case .no: arguments += ["--appendonly", "no"]
        case .everySecond: arguments += ["--appendonly", "yes", "--appendfsync", "everysec"]
        case .always: arguments += ["--appendonly", "yes", "--appendfsync", "always"]
        }
        if let maxMemory { arguments += ["--maxmemory", maxMemory] }
        if let password { arguments += ["--requirepass", password] }
        if let access { arguments += ["--aclfile", access.file] }
        arguments += extra

        // Another process may take a port between its choice and its use.
        for _ in 0..<5 {
            let place: LocalPlace =
                switch transport {
                case .socket: .socket(path: folder.file("redis.sock"))
                case .tcp: .tcp(port: try freePort())
                }
            let server = try RedisServer(folder, arguments + Self.arguments(of: place), access, password, place)
            if try await server.answers() { return server }
            server.close()
        }
        throw TestKitError("redis-server does not start.")
    }

    private init(
        _ folder: TemporaryFolder, _ arguments: [String], _ access: AccessList?, _ password: String?,
        _ place: LocalPlace
    ) throws {
        self.folder = folder
        self.arguments = arguments
        user = access == nil ? "" : "operator"
        self.password = access?.operatorPassword ?? password
        self.place = place
        process = Mutex(try Self.launch(arguments, folder))
    }

    /// For `RedisAddress`, with the password.
    package var url: String { url(credentials: password.map { "\(user):\($0)@" } ?? "") }

    /// Without user and password.
    package var openURL: String { url(credentials: "") }

    private func url(credentials: String) -> String {
        switch place {
        case .tcp(let port): return "redis://\(credentials)127.0.0.1:\(port)"
        case .socket(let path): return "unix://\(credentials)\(path)"
        }
    }

    package var address: RedisAddress {
        get throws { try RedisAddress(url) }
    }

    package var path: String { folder.path }

    package var pid: pid_t { process.withLock { $0.pid } }

    package var isRunning: Bool { process.withLock { $0.isRunning } }

    /// Kills the server as a power cut of the process would; returns when it is gone.
    package func kill9() {
        process.withLock { $0.end() }
    }

    /// Stops it without a goodbye; connections stay open and nobody answers.
    package func suspend() {
        process.withLock { $0.signal(SIGSTOP) }
    }

    package func resume() {
        process.withLock { $0.signal(SIGCONT) }
    }

    /// Starts it again on the same place and folder, after `kill9` or instead of it; waits until it answers.
    package func restart() async throws {
        try launchAgain()
        guard try await answers() else { throw TestKitError("redis-server does not start again.") }
    }

    /// As `restart`, without waiting.
    package func launchAgain() throws {
        kill9()
        let next = try Self.launch(arguments, folder)
        process.withLock { $0 = next }
    }

    /// Kills the server for good.
    package func close() {
        kill9()
    }

    private static func launch(_ arguments: [String], _ folder: TemporaryFolder) throws -> ChildProcess {
        try ChildProcess("redis-server", arguments, output: folder.file("output.log"))
    }

    private static func arguments(of place: LocalPlace) -> [String] {
        switch place {
        case .tcp(let port): ["--port", "\(port)", "--bind", "127.0.0.1"]
        case .socket(let path): ["--port", "0", "--unixsocket", path]
        }
    }

    /// Waits until it serves; false when it ended instead.
    private func answers() async throws -> Bool {
        var isServing = false
        try await eventually(within: .seconds(20), "redis-server answers") {
            isServing = Self.ping(place)
            return isServing || !process.withLock { $0.isRunning }
        }
        return isServing
    }

    /// Whether it answers other than `LOADING`.
    private static func ping(_ place: LocalPlace) -> Bool {
        let descriptor = LocalSocket.connect(place)
        guard descriptor >= 0 else { return false }
        defer { Glibc.close(descriptor) }
        guard send(descriptor, "PING\r\n", 6, Int32(MSG_NOSIGNAL)) == 6 else { return false }
        var answer = [UInt8](repeating: 0, count: 64)
        let count = read(descriptor, &answer, 64)
        guard count > 0 else { return false }
        let text = String(decoding: answer.prefix(count), as: UTF8.self)
        return text.hasPrefix("+PONG") || text.hasPrefix("-NOAUTH")
    }
}
