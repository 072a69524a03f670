import JSONRPC
import Logging
import Queues
import Redis
import ServiceLifecycle

/// What a service is put together from and into, while it starts.
package final class ServiceHost {
    package let description: ServiceDescription
    package let settings: Settings
    private let client: RedisClient?
    package let keys: QueueKeys
    package let logger: Logger
    package let metrics: MetricsRegistry
    package let readiness: ReadinessState
    package let status: ServiceStatus
    /// Nil where no key file is set.
    package let secrets: SealedSecrets?
    package let apiKeys: KeyTable
    /// Who a caller is, as `/rpc` knows it: for services that take credentials in another way too.
    package let authenticator: any Authenticator
    /// `service.status` and `rpc.*` are there already.
    package var methods: MethodRegistry
    package var routes = HTTPRoutes()
    /// Loops, started together and stopped in reverse order before Redis is closed.
    package var services: [any Service] = []

    init(
        description: ServiceDescription, settings: Settings, redis: RedisClient?, keys: QueueKeys, logger: Logger,
        metrics: MetricsRegistry,
        readiness: ReadinessState, status: ServiceStatus, secrets: SealedSecrets?, apiKeys: KeyTable,
        authenticator: any Authenticator, methods: MethodRegistry
    ) {
        self.description = description
        self.settings = settings
        client = redis
        self.keys = keys
        self.logger = logger
        self.metrics = metrics
        self.readiness = readiness
        self.status = status
        self.secrets = secrets
        self.apiKeys = apiKeys
        self.authenticator = authenticator
        self.methods = methods
    }

    /// Answers already when the service is put together.
    package var redis: RedisClient {
        guard let client else { preconditionFailure("the description says that the service uses no Redis") }
        return client
    }

    /// The sealed secrets, for a service that cannot work without.
    package func requireSecrets() throws(StartError) -> SealedSecrets {
        guard let secrets else {
            throw StartError("This service keeps secrets: set --master-key-file to a file with 32 bytes in base64.")
        }
        return secrets
    }
}
