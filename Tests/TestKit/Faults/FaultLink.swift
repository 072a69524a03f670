import Glibc
import Synchronization

/// One connection through the proxy: two sockets and a thread for each direction.
final class FaultLink: Sendable {
    enum Direction: Sendable {
        case request, answer
    }

    /// What becomes of a piece of bytes.
    enum Verdict: Sendable {
        case forward, swallow, cut
        case forwardLater(Duration)
    }

    private let client: Int32
    private let server: Int32
    /// The descriptors close when both directions have ended.
    private let running = Mutex(2)

    init(client: Int32, server: Int32) {
        self.client = client
        self.server = server
    }

    func run(
        verdict: @escaping @Sendable (Direction) -> Verdict, ended: @escaping @Sendable () -> Void
    ) {
        for direction in [Direction.request, .answer] {
            do {
                try TestThread.start { [self] in
                    pump(direction, verdict)
                    leave(ended)
                }
            } catch {
                leave(ended)
            }
        }
    }

    /// Ends both directions.
    func cut() {
        running.withLock { running in
            // Afterwards the descriptors may be another connection's.
            guard running > 0 else { return }
            shutdown(client, Int32(SHUT_RDWR))
            shutdown(server, Int32(SHUT_RDWR))
        }
    }

    /// Closes so that the peer hears of a reset, not of an orderly end.
    static func reset(_ descriptor: Int32) {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        close(descriptor)
    }

    private func pump(_ direction: Direction, _ verdict: (Direction) -> Verdict) {
        let (from, to) = direction == .request ? (client, server) : (server, client)
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = read(from, &buffer, buffer.count)
            guard count > 0 else { return }
            switch verdict(direction) {
            case .forward: break
            case .swallow: continue
            case .cut: return
            case .forwardLater(let delay): usleep(UInt32(delay / .microseconds(1)))
            }
            guard forward(buffer, count, to) else { return }
        }
    }

    private func forward(_ buffer: [UInt8], _ count: Int, _ to: Int32) -> Bool {
        buffer.withUnsafeBytes { bytes in
            var done = 0
            while done < count {
                let sent = send(to, bytes.baseAddress?.advanced(by: done), count - done, Int32(MSG_NOSIGNAL))
                guard sent > 0 else { return false }
                done += sent
            }
            return true
        }
    }

    private func leave(_ ended: () -> Void) {
        cut()
        let isLast = running.withLock { running in
            running -= 1
            if running == 0 {
                close(client)
                close(server)
            }
            return running == 0
        }
        if isLast { ended() }
    }
}
