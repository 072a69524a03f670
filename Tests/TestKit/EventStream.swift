import Foundation
import Glibc
import Models
import Synchronization

/// Reads server-sent events of an address on this machine as they come.
package final class EventStream: Sendable {
    /// One event: its type and its data as JSON.
    package struct Event: Sendable {
        package let type: String
        package let data: JSONValue
    }

    private struct State {
        var text = ""
        var isOver = false
    }

    private let descriptor: Int32
    private let state = Mutex(State())

    /// Asks for the path; what comes is read until the other side closes or ``close()``.
    package init(port: Int, path: String, headers: [(String, String)] = []) throws {
        descriptor = LocalSocket.connect(.tcp(port: port))
        guard descriptor >= 0 else { throw TestKitError("Nobody listens on \(port).") }
        let fields = headers.map { "\($0.0): \($0.1)\r\n" }.joined()
        let request = Array("GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\n\(fields)\r\n".utf8)
        guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            throw TestKitError("The request could not be sent.")
        }
        try TestThread.start { [weak self, descriptor] in
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            while true {
                let count = recv(descriptor, &buffer, buffer.count, 0)
                guard let self, count > 0 else { break }
                let text = String(decoding: buffer[..<count], as: UTF8.self)
                self.state.withLock { $0.text += text }
            }
            self?.state.withLock { $0.isOver = true }
        }
    }

    deinit {
        close()
        Glibc.close(descriptor)
    }

    /// Closes our side.
    package func close() { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Whether the other side has ended the answer or the connection.
    package var isOver: Bool { state.withLock { $0.isOver || $0.text.hasSuffix("\r\n0\r\n\r\n") } }

    /// The status of the answer; nil while there is none.
    package var status: Int? {
        let head = state.withLock { $0.text }.split(separator: "\r\n", maxSplits: 1).first ?? ""
        let words = head.split(separator: " ")
        return words.count > 1 ? Int(words[1]) : nil
    }

    /// Whether a comment came, such as a heartbeat.
    package var hasComment: Bool { state.withLock { $0.text.contains("\n: ") } }

    /// The events that came so far, in order.
    package var events: [Event] {
        let text = state.withLock { $0.text }
        guard let start = text.range(of: "\r\n\r\n") else { return [] }
        return Self.unchunked(text[start.upperBound...]).components(separatedBy: "\n\n").compactMap { block in
            var type = "message"
            var data: String?
            for line in block.split(separator: "\n") {
                if line.hasPrefix("event: ") { type = String(line.dropFirst(7)) }
                if line.hasPrefix("data: ") { data = String(line.dropFirst(6)) }
            }
            guard let data, let json = try? JSONValue.parse(data) else { return nil }
            return Event(type: type, data: json)
        }
    }

    private static func unchunked(_ body: Substring) -> String {
        var rest = Array(body.utf8)[...]
        var bytes: [UInt8] = []
        while let end = rest.firstIndex(of: UInt8(ascii: "\r")),
            let size = Int(String(decoding: rest[rest.startIndex..<end], as: UTF8.self), radix: 16), size > 0
        {
            let start = end + 2
            guard start + size <= rest.endIndex else { break }
            bytes += rest[start..<start + size]
            rest = rest[(start + size)...].dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
