import Logging
import Synchronization

/// What a server answers with; put in once the service is ready, while `/health/*` is served before.
package final class ServerContent: Sendable {
    struct Parts: Sendable {
        let dispatcher: RPCDispatcher
        let routes: HTTPRoutes
    }

    private let parts = Mutex<Parts?>(nil)

    package init() {}

    /// Until this is called `/rpc` and the service's routes are 503.
    package func install(
        _ registry: MethodRegistry, routes: HTTPRoutes, observer: any RPCObserver, logger: Logger
    ) {
        let dispatcher = RPCDispatcher(registry: registry, observer: observer, logger: logger)
        parts.withLock { $0 = Parts(dispatcher: dispatcher, routes: routes) }
    }

    var current: Parts? { parts.withLock { $0 } }
}
