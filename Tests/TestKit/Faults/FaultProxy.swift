import Glibc
import Synchronization

/// A TCP proxy that makes the faults of networks. Plain threads and blocking sockets: a test makes few connections.
package final class FaultProxy: Sendable {
    package enum Behaviour: Sendable, Hashable {
        case pass
        /// New connections are reset; those that are there go on.
        case refuse
        /// Each piece of an answer comes this much later.
        case delay(Duration)
        /// Requests arrive, answers are swallowed, connections stay.
        case dropAnswers
        /// The next answer is swallowed and its connection cut: the request was carried out and nobody hears so.
        /// Then everything passes again.
        case loseOneAnswer
        /// Requests are swallowed too: a network that is gone, without anybody noticing.
        case blackHole
    }

    private struct State {
        var behaviour = Behaviour.pass
        var links: [Int: FaultLink] = [:]
        var nextID = 0
        var isClosed = false
    }

    private let state = Mutex(State())
    private let listener: Int32
    /// On 127.0.0.1.
    package let port: Int

    package static func start(to place: LocalPlace) throws -> FaultProxy {
        let (listener, port) = try LocalSocket.listen()
        let proxy = FaultProxy(listener: listener, port: port)
        try TestThread.start { [weak proxy] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0, let proxy else { break }
                proxy.serve(client, place)
            }
            Glibc.close(listener)
        }
        return proxy
    }

    private init(listener: Int32, port: Int) {
        self.listener = listener
        self.port = port
    }

    deinit {
        close()
    }

    package var behaviour: Behaviour {
        get { state.withLock { $0.behaviour } }
        set { state.withLock { $0.behaviour = newValue } }
    }

    /// For `RedisAddress`, in front of a server without a password.
    package var redisURL: String { "redis://127.0.0.1:\(port)" }

    /// How many connections go through it now.
    package var connectionCount: Int { state.withLock { $0.links.count } }

    /// Cuts all connections; new ones are served.
    package func cut() {
        for link in state.withLock({ Array($0.links.values) }) { link.cut() }
    }

    /// Cuts all connections and listens no more.
    package func close() {
        let wasClosed = state.withLock { state in
            defer { state.isClosed = true }
            return state.isClosed
        }
        if wasClosed { return }
        cut()
        // Makes accept return, whose thread then closes the descriptor.
        shutdown(listener, Int32(SHUT_RDWR))
    }

    private func serve(_ client: Int32, _ place: LocalPlace) {
        if behaviour == .refuse { return FaultLink.reset(client) }
        let server = LocalSocket.connect(place)
        guard server >= 0 else { return FaultLink.reset(client) }
        let link = FaultLink(client: client, server: server)
        let id = state.withLock { state in
            state.nextID += 1
            state.links[state.nextID] = link
            return state.nextID
        }
        // The link's threads end when one side does, and the proxy must not live by them.
        link.run { [weak self] direction in
            self?.verdict(direction) ?? .forward
        } ended: { [weak self] in
            self?.state.withLock { _ = $0.links.removeValue(forKey: id) }
        }
    }

    private func verdict(_ direction: FaultLink.Direction) -> FaultLink.Verdict {
        state.withLock { state in
            switch (state.behaviour, direction) {
            case (.blackHole, _), (.dropAnswers, .answer): return .swallow
            case (.delay(let delay), .answer): return .forwardLater(delay)
            case (.loseOneAnswer, .answer):
                state.behaviour = .pass
                return .cut
            default: return .forward
            }
        }
    }
}
