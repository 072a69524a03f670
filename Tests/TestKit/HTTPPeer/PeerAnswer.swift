/// What a peer does about a request: bytes and pauses in turn, then an end.
package struct PeerAnswer: Sendable {
    /// One thing done.
    package enum Step: Sendable {
        /// Writes the bytes.
        case send([UInt8])
        /// Writes the bytes so many times, with a pause after each.
        case repeating([UInt8], times: Int, pause: Duration)
        /// Waits; ends early when the other side closes.
        case pause(Duration)
        /// Does nothing more and keeps the connection.
        case hang
    }

    /// What becomes of the connection.
    package enum Ending: Sendable {
        case keepAlive
        case close
        /// A RST instead of a FIN.
        case reset
    }

    package var steps: [Step]
    package var ending: Ending

    /// Any behaviour.
    package init(_ steps: [Step], then ending: Ending = .keepAlive) {
        self.steps = steps
        self.ending = ending
    }

    /// A proper answer with a length.
    package static func answer(
        _ status: Int, headers: [(String, String)] = [], body: String = "", after delay: Duration = .zero,
        then ending: Ending = .keepAlive
    ) -> PeerAnswer {
        let hasBody = status != 204 && status != 304
        let length = hasBody ? [("Content-Length", "\(body.utf8.count)")] : []
        let head = Self.head(status, headers: headers + length)
        let send = Step.send(head + (hasBody ? Array(body.utf8) : []))
        return PeerAnswer(delay > .zero ? [.pause(delay), send] : [send], then: ending)
    }

    /// A redirect without a body.
    package static func redirect(_ status: Int, to location: String) -> PeerAnswer {
        answer(status, headers: [("Location", location)])
    }

    /// A header that promises `promised` bytes, a body of fewer, and the end.
    package static func halfBody(promised: Int, sent: Int) -> PeerAnswer {
        let head = head(200, headers: [("Content-Length", "\(promised)")])
        return PeerAnswer([.send(head + [UInt8](repeating: 0x61, count: sent))], then: .close)
    }

    /// A body of `bytes` bytes; with `announced` false its length is not said and it ends with the connection.
    package static func large(bytes: Int, announced: Bool = true) -> PeerAnswer {
        let piece = [UInt8](repeating: 0x61, count: 1 << 16)
        let headers = announced ? [("Content-Length", "\(bytes)")] : [("Connection", "close")]
        return PeerAnswer(
            [
                .send(head(200, headers: headers)),
                .repeating(piece, times: bytes / piece.count, pause: .zero),
                .send([UInt8](repeating: 0x61, count: bytes % piece.count)),
            ], then: announced ? .keepAlive : .close)
    }

    /// A body that comes byte by byte.
    package static func drip(bytes: Int, every pause: Duration) -> PeerAnswer {
        PeerAnswer([
            .send(head(200, headers: [("Content-Length", "\(bytes)")])),
            .repeating([0x61], times: bytes, pause: pause),
        ])
    }

    /// Bytes as they stand, then the end.
    package static func raw(_ text: String, then ending: Ending = .close) -> PeerAnswer {
        PeerAnswer([.send(Array(text.utf8))], then: ending)
    }

    /// Reads the request and never answers.
    package static let silence = PeerAnswer([.hang], then: .close)

    /// Reads the request and breaks the connection off.
    package static let reset = PeerAnswer([], then: .reset)

    private static func head(_ status: Int, headers: [(String, String)]) -> [UInt8] {
        let lines = headers.map { "\($0.0): \($0.1)\r\n" }.joined()
        return Array("HTTP/1.1 \(status) Status\r\n\(lines)\r\n".utf8)
    }
}
