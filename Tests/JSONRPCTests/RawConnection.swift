import Dispatch
import Glibc
import Models

/// One HTTP answer, taken apart.
struct RawAnswer: Sendable {
    let status: Int
    let headers: [(name: String, value: String)]
    let body: [UInt8]

    func header(_ name: String) -> String? { headers.first { $0.name == name.lowercased() }?.value }
    var text: String { String(decoding: body, as: UTF8.self) }
    var json: JSONValue? { try? JSONValue.parse(body) }
}

enum RawFailure: Error {
    case cannotConnect
    case closed
    case timedOut
}

/// A TCP connection that sends exactly the bytes it is told to; blocking calls run beside Swift's own threads.
final class RawConnection: Sendable {
    private let descriptor: Int32
    private let queue = DispatchQueue(label: "raw connection")

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    static func open(port: Int, secondsMax: Int = 30) throws -> RawConnection {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw RawFailure.cannotConnect }
        var limit = timeval(tv_sec: secondsMax, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        return RawConnection(descriptor: descriptor)
    }

    private func blocking<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try work() }) }
        }
    }

    func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) async throws {
        try await blocking { [descriptor] in
            var rest = bytes[...]
            while !rest.isEmpty {
                let sent = rest.withUnsafeBytes {
                    Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard sent > 0 else { throw RawFailure.closed }
                rest = rest.dropFirst(sent)
            }
        }
    }

    /// The next answer, with its length or chunked.
    func answer(toHead: Bool = false) async throws -> RawAnswer {
        try await blocking { [descriptor] in
            var reader = Reader(descriptor: descriptor)
            return try reader.answer(toHead: toHead)
        }
    }

    /// Whether something can be read within the time.
    func hasAnswer(withinMilliseconds limit: Int32) async throws -> Bool {
        try await blocking { [descriptor] in
            var waited = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            return poll(&waited, 1, limit) > 0
        }
    }

    /// True once the other side has closed.
    func isClosed() async throws -> Bool {
        try await blocking { [descriptor] in
            var byte: UInt8 = 0
            return recv(descriptor, &byte, 1, 0) <= 0 && errno != EAGAIN
        }
    }

    private struct Reader {
        let descriptor: Int32

        func byte() throws -> UInt8 {
            var byte: UInt8 = 0
            let count = recv(descriptor, &byte, 1, 0)
            if count == 1 { return byte }
            throw count < 0 && errno == EAGAIN ? RawFailure.timedOut : RawFailure.closed
        }

        func line() throws -> String {
            var bytes: [UInt8] = []
            while true {
                let next = try byte()
                if next == 10 { break }
                if next != 13 { bytes.append(next) }
            }
            return String(decoding: bytes, as: UTF8.self)
        }

        func bytes(_ count: Int) throws -> [UInt8] {
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while bytes.count < count {
                let got = recv(descriptor, &buffer, min(buffer.count, count - bytes.count), 0)
                guard got > 0 else { throw RawFailure.closed }
                bytes += buffer[..<got]
            }
            return bytes
        }

        mutating func answer(toHead: Bool) throws -> RawAnswer {
            let status = Int(try line().split(separator: " ")[1]) ?? 0
            var headers: [(name: String, value: String)] = []
            while true {
                let line = try line()
                if line.isEmpty { break }
                let parts = line.split(separator: ":", maxSplits: 1)
                headers.append((parts[0].lowercased(), parts[1].drop { $0 == " " }.description))
            }
            var body: [UInt8] = []
            if toHead || status == 204 || status == 100 {
            } else if let length = headers.first(where: { $0.name == "content-length" }).flatMap({ Int($0.value) }) {
                body = try bytes(length)
            } else if headers.contains(where: { $0.name == "transfer-encoding" && $0.value == "chunked" }) {
                while let size = Int(try line(), radix: 16), size > 0 {
                    body += try bytes(size)
                    _ = try line()
                }
                _ = try line()
            }
            return RawAnswer(status: status, headers: headers, body: body)
        }
    }
}
