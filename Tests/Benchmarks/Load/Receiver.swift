import Foundation
import Synchronization

/// The third party that actions call: answers each at once, and keeps what came when, by order number and by
/// `Idempotency-Key`; and the source that look-ups ask with `GET`. One thread.
final class Receiver: Sendable {
    struct Problem: Error, CustomStringConvertible { let description: String }

    private struct Arrivals {
        /// When the first call for each order came, in nanoseconds; 0: none did.
        var times: [Int64]
        var calls = 0
        var keys: Set<Int> = []
        var unreadable = 0
    }

    let port: Int
    private let listening: Int32
    private let arrivals: Mutex<Arrivals>
    private let orders = Atomic<Int>(0)
    private let lookUpCount = Atomic<Int>(0)
    private let lastAt = Atomic<Int64>(0)
    private let isClosed = Atomic<Bool>(false)

    /// - Parameter ordersMax: order numbers are below.
    init(ordersMax: Int) throws(Problem) {
        guard let (socket, port) = Connection.listen() else {
            throw Problem(description: "The receiver cannot listen.")
        }
        listening = socket
        self.port = port
        arrivals = Mutex(Arrivals(times: Array(repeating: 0, count: ordersMax)))
        Thread.detachNewThread { self.run() }
    }

    /// Orders that came at least once.
    var count: Int { orders.load(ordering: .relaxed) }
    /// When the last first call of an order came, in nanoseconds.
    var lastArrival: Int64 { lastAt.load(ordering: .relaxed) }
    /// Look-ups answered.
    var lookUps: Int { lookUpCount.load(ordering: .relaxed) }
    var calls: Int { arrivals.withLock { $0.calls } }
    var keys: Int { arrivals.withLock { $0.keys.count } }
    var times: [Int64] { arrivals.withLock { $0.times } }

    func close() { isClosed.store(true, ordering: .relaxed) }

    private func run() {
        var set = SocketSet()
        set.add(listening)
        var buffers: [Int32: [UInt8]] = [:]
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while !isClosed.load(ordering: .relaxed) {
            for socket in set.ready(within: 100_000_000) {
                if socket == listening {
                    accept(into: &set)
                    continue
                }
                let got = recv(socket, &chunk, chunk.count, 0)
                if got <= 0 {
                    if got < 0, errno == EAGAIN { continue }
                    buffers[socket] = nil
                    Connection.close(socket)
                    continue
                }
                var rest = buffers.removeValue(forKey: socket) ?? []
                if rest.isEmpty {
                    let taken = answer(socket, UnsafeRawBufferPointer(rebasing: chunk.withUnsafeBytes { $0 }[0..<got]))
                    if taken < got { buffers[socket] = Array(chunk[taken..<got]) }
                } else {
                    rest += chunk[0..<got]
                    let taken = rest.withUnsafeBytes { answer(socket, $0) }
                    if taken < rest.count { buffers[socket] = Array(rest[taken...]) }
                }
            }
        }
        for socket in buffers.keys { Connection.close(socket) }
        Connection.close(listening)
        set.close()
    }

    private func accept(into set: inout SocketSet) {
        while true {
            let socket = Glibc.accept(listening, nil, nil)
            guard socket >= 0 else { return }
            Connection.makeReady(socket)
            set.add(socket)
        }
    }

    private static let reply = Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".utf8)
    private static let lookUpStart = Array("GET ".utf8)
    private static let lookUpReply = Array(
        ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 28\r\n\r\n"
            + #"{"tier":"gold","points":120}"#).utf8)
    private static let orderStart = Array("\"order\":\"o-".utf8)

    /// Answers every whole request in these bytes; how many bytes they were.
    private func answer(_ socket: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        var taken = 0
        while taken < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[taken...])
            guard let message = HTTPText.message(in: rest) else { break }
            if rest.starts(with: Self.lookUpStart) {
                lookUpCount.add(1, ordering: .relaxed)
                _ = send(socket, Self.lookUpReply, Self.lookUpReply.count, Int32(MSG_NOSIGNAL))
            } else {
                note(UnsafeRawBufferPointer(rebasing: rest[0..<message.length]), message)
                _ = send(socket, Self.reply, Self.reply.count, Int32(MSG_NOSIGNAL))
            }
            taken += message.length
        }
        return taken
    }

    private func note(_ bytes: UnsafeRawBufferPointer, _ message: HTTPText.Message) {
        let now = SteadyClock.nanoseconds
        var order = -1
        if let at = HTTPText.range(of: Self.orderStart, in: bytes, from: message.bodyStart) {
            order = 0
            for byte in bytes[(at + Self.orderStart.count)...] {
                guard byte >= 48, byte <= 57 else { break }
                order = order * 10 + Int(byte - 48)
            }
        }
        var key: Int?
        if let at = HTTPText.range(ofHeader: HTTPText.idempotencyKey, in: bytes, upTo: message.bodyStart) {
            var hasher = Hasher()
            for byte in bytes[at..<message.bodyStart] {
                if byte == 13 { break }
                hasher.combine(byte)
            }
            key = hasher.finalize()
        }
        arrivals.withLock { arrivals in
            arrivals.calls += 1
            if let key { arrivals.keys.insert(key) }
            guard arrivals.times.indices.contains(order) else {
                arrivals.unreadable += 1
                return
            }
            guard arrivals.times[order] == 0 else { return }
            arrivals.times[order] = now
            orders.add(1, ordering: .relaxed)
            lastAt.store(now, ordering: .relaxed)
        }
    }
}
