/// How a ``SojournSuite`` is started.
package struct SuiteSettings: Sendable {
    package var services: [SuiteService]
    /// Whether Redis keeps what it holds over its own death.
    package var fsync: RedisServer.AppendOnly
    package var partitions: Int
    /// `SOJOURN_…` variables of single services, over those of all.
    package var environment: [SuiteService: [String: String]]
    /// The services reach Redis through ``SojournSuite/redisProxy``.
    package var redisThroughProxy: Bool
    /// Each service signs in to Redis as its own user, with the rights of `deploy/acl`; else all are the default user.
    package var signsIn: Bool
    /// Where Redis keeps its files, if not in a folder of its own.
    package var redisFolder: String?
    /// As in redis.conf: `100mb`.
    package var redisMaxMemory: String?
    /// Of the services that call third parties; everything else must be public.
    package var allowOutbound: [String]
    package var logLevel: String

    package init(
        services: [SuiteService] = SuiteService.six, fsync: RedisServer.AppendOnly = .no, partitions: Int = 4,
        environment: [SuiteService: [String: String]] = [:], redisThroughProxy: Bool = false,
        signsIn: Bool = true, redisFolder: String? = nil, redisMaxMemory: String? = nil,
        allowOutbound: [String] = ["127.0.0.1"], logLevel: String = "info"
    ) {
        self.services = services
        self.fsync = fsync
        self.partitions = partitions
        self.environment = environment
        self.redisThroughProxy = redisThroughProxy
        self.signsIn = signsIn
        self.redisFolder = redisFolder
        self.redisMaxMemory = redisMaxMemory
        self.allowOutbound = allowOutbound
        self.logLevel = logLevel
    }
}
