import Glibc

/// A system call that failed.
package struct PeerError: Error, CustomStringConvertible {
    package let call: String
    package let code: Int32

    package var description: String { "\(call): \(String(cString: strerror(code)))" }
}

/// A blocking connection with the little buffering that reading requests takes.
final class PeerSocket {
    let descriptor: Int32
    private var buffer: [UInt8] = []

    /// Longer requests end the connection.
    private static let requestBytesMax = 64 << 20

    /// POLLRDHUP, which the Glibc module leaves out.
    private static let readEnd: Int16 = 0x2000

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Listens on a free port of 127.0.0.1.
    static func listen() throws -> (descriptor: Int32, port: Int) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw PeerError(call: "socket", code: errno) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(descriptor, raw, length) == 0 && Glibc.listen(descriptor, 1_024) == 0
                    ? getsockname(descriptor, raw, &length) : -1
            }
        }
        guard code == 0 else {
            let reason = errno
            close(descriptor)
            throw PeerError(call: "bind", code: reason)
        }
        return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
    }

    /// Closes with a RST, whatever is unread or unsent.
    static func reset(_ descriptor: Int32) {
        var now = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
        close(descriptor)
    }

    /// The next request, or `nil` when the connection ends or what comes is none.
    func readRequest(connection: Int) -> PeerRequest? {
        while true {
            if let end = headEnd() { return readRequest(headEnd: end, connection: connection) }
            guard buffer.count < 1 << 20, beginsLikeRequest, readMore() else { return nil }
        }
    }

    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { all in
                Glibc.send(descriptor, all.baseAddress.map { $0 + sent }, all.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Waits; `false` when the other side closed meanwhile.
    func pause(_ time: Duration) -> Bool {
        let deadline = ContinuousClock.now + time
        while true {
            let left = deadline - .now
            guard left > .zero else { return true }
            let milliseconds = left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000
            // Only the end is waited for: bytes that come meanwhile stay where they are.
            var entry = pollfd(fd: descriptor, events: Self.readEnd, revents: 0)
            guard poll(&entry, 1, Int32(clamping: milliseconds + 1)) == 0 || errno == EINTR && entry.revents == 0 else {
                return false
            }
        }
    }

    /// A TLS client would wait for an answer to its greeting, and we for the end of a header.
    private var beginsLikeRequest: Bool {
        buffer.first.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) } ?? true
    }

    private func headEnd() -> Int? {
        guard buffer.count >= 4 else { return nil }
        return (3..<buffer.count).first { index in
            buffer[index] == 10 && buffer[index - 1] == 13 && buffer[index - 2] == 10 && buffer[index - 3] == 13
        }.map { $0 + 1 }
    }

    private func readRequest(headEnd: Int, connection: Int) -> PeerRequest? {
        let lines = String(decoding: buffer[..<headEnd], as: UTF8.self).split(whereSeparator: \.isNewline)
        let words = lines.first?.split(separator: " ") ?? []
        guard words.count == 3 else { return nil }
        let headers = lines.dropFirst().compactMap { line -> (name: String, value: String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...]
            return (String(line[..<colon]), String(value.drop { $0 == " " }))
        }
        let length = headers.first { $0.name.lowercased() == "content-length" }.flatMap { Int($0.value) } ?? 0
        guard length >= 0, length <= Self.requestBytesMax else { return nil }
        while buffer.count < headEnd + length {
            guard readMore() else { return nil }
        }
        let body = Array(buffer[headEnd..<(headEnd + length)])
        buffer.removeFirst(headEnd + length)
        return PeerRequest(
            method: String(words[0]), target: String(words[1]), headers: headers, body: body, connection: connection)
    }

    private func readMore() -> Bool {
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = recv(descriptor, &piece, piece.count, 0)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return false }
            buffer += piece[..<count]
            return true
        }
    }
}
