import Foundation
import HTTPClient
import Logging
import Models
import Redis
import Synchronization

/// The whole of Sojourn for a test: a real redis-server, every service as a process of the build that the test belongs
/// to, and the third parties played by the test. All of it ends when nobody holds it any more.
package final class SojournSuite: Sendable {
    package let settings: SuiteSettings
    package let redis: RedisServer
    /// Each service signs in to Redis as its own user, and may do what `deploy/acl` says.
    let access: AccessList?
    package let redisProxy: FaultProxy?
    /// Straight to Redis, whatever the services go through.
    package let redisClient: RedisClient
    package let partners: Partners
    package let adminKey: String
    package let folder: TemporaryFolder
    let http: OutboundClient
    private let processes: Mutex<[SuiteProcess]>

    /// Starts everything and waits until each service is ready.
    package static func start(_ settings: SuiteSettings = SuiteSettings()) async throws -> SojournSuite {
        let access = settings.signsIn ? try await AccessList() : nil
        let redis = try await RedisServer.start(
            appendOnly: settings.fsync, maxMemory: settings.redisMaxMemory, access: access,
            extra: settings.redisFolder.map { ["--dir", $0] } ?? [])
        let suite = try SojournSuite(settings, redis, access)
        for process in suite.all { try process.launch() }
        for process in suite.all { try await process.becomeReady() }
        return suite
    }

    private init(_ settings: SuiteSettings, _ redis: RedisServer, _ access: AccessList?) throws {
        self.settings = settings
        self.redis = redis
        self.access = access
        redisProxy = settings.redisThroughProxy ? try FaultProxy.start(to: redis.place) : nil
        let logger = Logger(label: "test")
        redisClient = try RedisClient(RedisConfiguration(try redis.address), logger: logger)
        try redisClient.start()
        partners = try Partners()
        folder = try TemporaryFolder()
        adminKey = "sk_" + UUID().uuidString.replacing("-", with: "")
        try adminKey.write(toFile: folder.file("admin.key"), atomically: true, encoding: .utf8)
        let master = Data((0..<32).map { _ in UInt8.random(in: .min ... .max) }).base64EncodedString()
        try master.write(toFile: folder.file("master.key"), atomically: true, encoding: .utf8)
        http = try OutboundClient(policy: try AddressPolicy(allow: ["127.0.0.1"]), logger: logger)
        processes = Mutex([])

        let places = try settings.services.map { ($0, try freePort()) }
        let common = environment(places)
        let made = try places.map { service, port in
            try make(service, port: port, environment: common, suffix: "")
        }
        processes.withLock { $0 = made }
    }

    /// Ends every process at once; Redis last.
    package func close() async {
        for process in all { process.kill9() }
        await http.close(grace: .zero)
        await redisClient.close(grace: .zero)
        partners.peer.stop()
        redisProxy?.close()
        redis.close()
    }

    private var all: [SuiteProcess] { processes.withLock { $0 } }

    /// The process that was started first.
    package func service(_ service: SuiteService) -> SuiteProcess {
        guard let process = all.first(where: { $0.service == service }) else {
            preconditionFailure("The suite was started without \(service.rawValue).")
        }
        return process
    }

    package func url(of service: SuiteService) -> String { self.service(service).url }

    /// One more process of the service, on a port of its own; waits until it is ready.
    package func startReplica(
        of service: SuiteService, environment: [String: String] = [:]
    ) async throws -> SuiteProcess {
        let places = all.filter { $0.service != service }.map { ($0.service, $0.port) }
        let common = self.environment(places).merging(environment) { $1 }
        let number = all.count { $0.service == service }
        let replica = try make(service, port: try freePort(), environment: common, suffix: "-\(number + 1)")
        processes.withLock { $0.append(replica) }
        try await replica.restart()
        return replica
    }

    /// What every process of the service wrote.
    package func log(of service: SuiteService) -> String {
        all.filter { $0.service == service }.map(\.log).joined()
    }

    package var allLogs: String { all.map(\.log).joined() }

    /// A key of a partition: `{sj:2}:inbox`.
    package func key(_ name: String, _ partition: Int) -> String { "{sj:\(partition)}:\(name)" }

    /// The variables of every process, and of the command line tool.
    func environment(_ places: [(SuiteService, Int)]) -> [String: String] {
        var variables = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("SOJOURN_") }
        variables["SOJOURN_HOST"] = "127.0.0.1"
        variables["SOJOURN_REDIS_URL"] = redisProxy?.redisURL ?? redis.openURL
        variables["SOJOURN_PARTITIONS"] = "\(settings.partitions)"
        variables["SOJOURN_ADMIN_KEY_FILE"] = folder.file("admin.key")
        variables["SOJOURN_MASTER_KEY_FILE"] = folder.file("master.key")
        variables["SOJOURN_ALLOW_OUTBOUND"] = settings.allowOutbound.joined(separator: ",")
        variables["SOJOURN_LOG_LEVEL"] = settings.logLevel
        variables["SOJOURN_LOG_FORMAT"] = "json"
        for (service, port) in places { variables[service.urlVariable] = "http://127.0.0.1:\(port)" }
        return variables
    }

    /// The places of the services as they are.
    var environment: [String: String] {
        var seen: Set<SuiteService> = []
        return environment(all.filter { seen.insert($0.service).inserted }.map { ($0.service, $0.port) })
    }

    private func make(
        _ service: SuiteService, port: Int, environment: [String: String], suffix: String
    ) throws -> SuiteProcess {
        let name = service.rawValue + suffix
        let arguments = service == .journeyReporting ? ["--store", folder.file("steps\(suffix).sqlite")] : []
        var own = settings.environment[service] ?? [:]
        if let access, SuiteService.six.contains(service) {
            own["SOJOURN_REDIS_USER"] = service.rawValue
            own["SOJOURN_REDIS_PASSWORD_FILE"] = access.passwordFile(of: service)
        }
        return try SuiteProcess(
            service, port: port, environment: environment.merging(own) { $1 }, arguments: arguments,
            logFile: folder.file("\(name).log"), http: http)
    }
}
