import JSONRPC
import Logging
import Models

/// The HTTP side of all partners: one server with the routes of each.
enum PartnerServer {
    /// - Parameter listening: is called once with the port.
    static func make(
        _ options: Options, desk: PartnerDesk, logger: Logger,
        listening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) -> RPCServer {
        let registry = MethodRegistry(
            service: "demo-partners", version: Options.version, summary: "The partner systems of the examples.")
        return RPCServer(
            settings: RPCServerSettings(host: options.host, port: options.port), registry: registry,
            routes: routes(desk), authenticator: Nobody(), readiness: AlwaysReady(), metricsText: { "" },
            logger: logger, listening: listening)
    }

    private static func routes(_ desk: PartnerDesk) -> HTTPRoutes {
        var routes = HTTPRoutes()
        LookupRoutes.add(to: &routes, desk: desk)
        GatewayRoutes.add(to: &routes, desk: desk)
        ReceivedRoutes.add(to: &routes, desk: desk)
        ControlRoutes.add(to: &routes, desk: desk)
        return routes
    }

    /// There are no accounts: what is here is for one machine and holds nothing real.
    private struct Nobody: Authenticator {
        func authenticate(_ credentials: Credentials) async -> Principal? { nil }
    }

    private struct AlwaysReady: Readiness {
        var reasonNotReady: String? { nil }
        var reasonAway: String? { nil }
    }
}
