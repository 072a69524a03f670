import Models

extension HTTPRoutes {
    /// What those who run a service look at: `/health/live` and `/health/ready` for anyone, `/metrics` and
    /// `/version` for callers that may read.
    static func operations(
        service: String, version: String, readiness: any Readiness, metricsText: @escaping @Sendable () -> String
    ) -> HTTPRoutes {
        var routes = HTTPRoutes()
        routes.on(.get, "/health/live") { _ throws(HTTPRefusal) in .json(["status": "live"]) }
        routes.on(.get, "/health/ready") { _ throws(HTTPRefusal) in
            guard let reason = readiness.reasonNotReady else { return .json(["status": "ready"]) }
            return .json(["status": "not ready", "reason": .string(reason)], status: 503)
        }
        routes.on(.get, "/metrics") { call throws(HTTPRefusal) in
            _ = try await call.require(.read)
            return .bytes(Array(metricsText().utf8), type: "text/plain; version=0.0.4; charset=utf-8")
        }
        routes.on(.get, "/version") { call throws(HTTPRefusal) in
            _ = try await call.require(.read)
            return .json(["service": .string(service), "version": .string(version)])
        }
        return routes
    }
}
