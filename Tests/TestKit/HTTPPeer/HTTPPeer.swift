import Glibc
import Synchronization

/// A web server of plain sockets on 127.0.0.1 that answers as a test tells it, well or badly.
///
/// A thread accepts, and each connection has one of its own, at most `connectionsMax`; what comes beyond is reset.
/// Nothing is parsed twice: a request is its first line, its header lines and its body as `Content-Length` says.
package final class HTTPPeer: Sendable {
    /// Makes the answer to a request. Called on the connection's thread, from several at once.
    package typealias Responder = @Sendable (PeerRequest) -> PeerAnswer

    /// More connections than any test opens.
    package static let connectionsMax = 512
    /// The requests kept in `received`; older ones are dropped, `requestCount` goes on.
    package static let receivedMax = 100_000

    private struct State {
        var received: [PeerRequest] = []
        var requestCount = 0
        var connectionCount = 0
        var open: Set<Int32> = []
        var isStopped = false
    }

    private let state = Mutex(State())
    private let listener: Int32
    private let respond: Responder

    /// The port that the system chose.
    package let port: Int

    /// `http://127.0.0.1:port`, without a slash at the end.
    package var url: String { "http://127.0.0.1:\(port)" }

    /// Starts a peer on a port of the system's choice.
    package static func start(_ respond: @escaping Responder) throws -> HTTPPeer {
        let (listener, port) = try PeerSocket.listen()
        let peer = HTTPPeer(listener: listener, port: port, respond: respond)
        try TestThread.start { peer.acceptConnections() }
        return peer
    }

    private init(listener: Int32, port: Int, respond: @escaping Responder) {
        self.listener = listener
        self.port = port
        self.respond = respond
    }

    /// Every request so far, in the order in which they were complete.
    package var received: [PeerRequest] { state.withLock { $0.received } }

    /// How many requests there were.
    package var requestCount: Int { state.withLock { $0.requestCount } }

    /// How many connections were accepted.
    package var connectionCount: Int { state.withLock { $0.connectionCount } }

    /// How many connections are open now.
    package var openConnectionCount: Int { state.withLock { $0.open.count } }

    /// Closes the port and every connection.
    package func stop() {
        let open: Set<Int32> = state.withLock { state in
            guard !state.isStopped else { return [] }
            state.isStopped = true
            // The accepting thread wakes up by this and closes the descriptor itself.
            shutdown(listener, Int32(SHUT_RDWR))
            return state.open
        }
        for connection in open { shutdown(connection, Int32(SHUT_RDWR)) }
    }

    private var isStopped: Bool { state.withLock { $0.isStopped } }

    private func acceptConnections() {
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0, !isStopped else {
                if connection >= 0 { close(connection) }
                if errno == EINTR { continue }
                break
            }
            let number: Int? = state.withLock { state in
                guard state.open.count < Self.connectionsMax else { return nil }
                state.connectionCount += 1
                state.open.insert(connection)
                return state.connectionCount
            }
            guard let number else {
                PeerSocket.reset(connection)
                continue
            }
            try? TestThread.start { self.serve(PeerSocket(connection), number: number) }
        }
        close(listener)
    }

    private func serve(_ socket: PeerSocket, number: Int) {
        var ending = PeerAnswer.Ending.close
        while ending != .reset, let request = socket.readRequest(connection: number) {
            state.withLock { state in
                state.requestCount += 1
                if state.received.count < Self.receivedMax { state.received.append(request) }
            }
            ending = perform(respond(request), for: request, on: socket)
            guard ending == .keepAlive else { break }
        }
        _ = state.withLock { $0.open.remove(socket.descriptor) }
        if ending == .reset { PeerSocket.reset(socket.descriptor) } else { close(socket.descriptor) }
    }

    private func perform(_ answer: PeerAnswer, for request: PeerRequest, on socket: PeerSocket) -> PeerAnswer.Ending {
        for step in answer.steps {
            switch step {
            case .send(let bytes):
                guard socket.send(bytes) else { return .close }
            case .repeating(let bytes, let times, let pause):
                for _ in 0..<times {
                    guard !isStopped, socket.send(bytes) else { return .close }
                    if pause > .zero, !socket.pause(pause) { return .close }
                }
            case .pause(let time):
                guard socket.pause(time) else { return .close }
            case .hang:
                // Ends when the other side closes, or the peer stops.
                _ = socket.pause(.seconds(600))
                return .close
            }
        }
        return answer.ending
    }
}
