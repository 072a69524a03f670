import HummingbirdCore
import Models
import NIOCore

/// What a route answers.
package struct HTTPAnswer: Sendable {
    package enum Body: Sendable {
        case bytes([UInt8])
        /// Written as it comes, chunked; ends where the closure returns.
        case stream(@Sendable (HTTPBodyWriter) async -> Void)
    }

    package let status: Int
    /// Without `content-length` and `date`, which the server adds.
    package var headers: [(name: String, value: String)]
    package let body: Body

    package init(status: Int, headers: [(name: String, value: String)] = [], body: Body = .bytes([])) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    package static func json(_ value: JSONValue, status: Int = 200) -> HTTPAnswer {
        bytes(value.bytes, type: "application/json", status: status)
    }

    package static func text(_ text: String, status: Int = 200) -> HTTPAnswer {
        bytes(Array(text.utf8), type: "text/plain; charset=utf-8", status: status)
    }

    package static func bytes(_ bytes: [UInt8], type: String, status: Int = 200) -> HTTPAnswer {
        HTTPAnswer(status: status, headers: [("content-type", type)], body: .bytes(bytes))
    }

    package static func empty(status: Int) -> HTTPAnswer { HTTPAnswer(status: status) }

    /// An answer without a known end, such as `text/event-stream`. The closure must return once the service shuts
    /// down or a write throws.
    package static func stream(
        type: String, headers: [(name: String, value: String)] = [],
        _ write: @escaping @Sendable (HTTPBodyWriter) async -> Void
    ) -> HTTPAnswer {
        HTTPAnswer(status: 200, headers: [("content-type", type)] + headers, body: .stream(write))
    }

    package func adding(_ name: String, _ value: String) -> HTTPAnswer {
        var answer = self
        answer.headers.append((name, value))
        return answer
    }
}

/// An answer that ends the handling of a request where it stands.
package struct HTTPRefusal: Error, Sendable {
    package let answer: HTTPAnswer

    package init(_ answer: HTTPAnswer) { self.answer = answer }

    /// `{"error": sentence}` with this status.
    package static func refused(_ status: Int, _ sentence: String) -> HTTPRefusal {
        HTTPRefusal(.json(["error": .string(sentence)], status: status))
    }

    package static let unauthorized = HTTPRefusal(
        refused(401, "The credentials are missing or wrong.").answer.adding("www-authenticate", "Bearer"))

    package static func forbidden(_ scope: Scope) -> HTTPRefusal {
        refused(403, "This needs the scope \(scope.rawValue).")
    }
}

/// The other side is gone; there is nobody to write to.
package struct HTTPConnectionLost: Error, Sendable {}

/// Writes the body of a streamed answer; waits while the other side is slow.
package final class HTTPBodyWriter {
    private var writer: any ResponseBodyWriter

    init(_ writer: any ResponseBodyWriter) { self.writer = writer }

    package func write(_ bytes: [UInt8]) async throws(HTTPConnectionLost) {
        do { try await writer.write(ByteBuffer(bytes: bytes)) } catch { throw HTTPConnectionLost() }
    }
}
