import Definitions
import HTTPClient
import JSONRPC
import Models
import Queues
import ServiceKit
import ServiceLifecycle

/// How the parts of the console are put together.
enum ConsoleWiring {
    static func wire(_ host: ServiceHost) async throws(StartError) {
        let files = try WebFolder.files(below: try WebFolder.path(host.settings[ConsoleSettings.web]))
        let deployment = try await host.deployment()
        let port = host.settings[host.description.port]
        let lifetime = Int64(host.settings[ConsoleSettings.sessionTime] / .milliseconds(1))
        let sessions = SessionStore(
            redis: host.redis, key: host.keys.config("sessions"), secrets: try host.requireSecrets(),
            lifetimeMilliseconds: lifetime, now: ServiceHost.clock)
        let callers = CallerCheck(
            sessions: sessions,
            cookie: SessionCookie(port: port, isSecure: host.settings[ConsoleSettings.secureCookies]),
            authenticator: host.authenticator)
        let places = try ServicePlaces(host.settings, ownPort: port)
        let client = try client(for: places, host)

        FileRoutes(files: files).register(in: &host.routes)
        SessionRoutes(callers: callers, lifetimeSeconds: lifetime / 1_000, logger: host.logger)
            .register(in: &host.routes)
        RelayRoutes(
            callers: callers, places: places, client: client, timeout: host.settings[ConsoleSettings.relayTimeout],
            logger: host.logger
        ).register(in: &host.routes)

        let hub = LiveHub(redis: host.redis, keys: host.keys, clock: ServiceHost.clock, logger: host.logger)
        LiveRoutes(
            callers: callers, hub: hub, sums: LiveSums(places: places, client: client), logger: host.logger
        ).register(in: &host.routes)

        let store = host.definitionStore()
        let inspector = QueueInspector(redis: host.redis, keys: host.keys, partitions: deployment.partitions)
        host.methods.add(SessionMethods(sessions: sessions, authenticator: host.authenticator).methods)
        host.methods.add(KeyMethods(store: store, table: host.apiKeys, now: ServiceHost.clock).methods)
        host.methods.add(AuditMethods(store: store).methods)
        host.methods.add(QueueMethods(inspector).methods)

        host.services.append(OpenClient(client: client))
        host.services.append(hub)
        host.services.append(SessionSweep(sessions: sessions, logger: host.logger))
        host.status.add("sessions") { .integer(Int64((try? await sessions.count()) ?? 0)) }
    }

    /// The services are where the settings say they are, loopback included, and nothing else may be called.
    private static func client(for places: ServicePlaces, _ host: ServiceHost) throws(StartError) -> OutboundClient {
        do {
            return try OutboundClient(policy: try AddressPolicy(allow: places.addresses), logger: host.logger)
        } catch { throw StartError("The services cannot be called: \(error.message)") }
    }

    /// Closes the client after all that uses it has stopped.
    private struct OpenClient: Service {
        let client: OutboundClient

        func run() async throws {
            try? await gracefulShutdown()
            await client.close()
        }
    }
}
