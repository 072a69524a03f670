/// What a request must keep before anything is done with it.
enum RequestRules {
    static let headersMax = 100
    static let headerBytesMax = 64 << 10
    static let timeoutRange: ClosedRange<Duration> = .milliseconds(1) ... .seconds(600)

    /// - Throws: `invalidRequest`, naming the rule and never the value.
    static func check(_ request: HTTPRequest, settings: OutboundClientSettings) throws(HTTPError) {
        guard timeoutRange.contains(request.timeout), timeoutRange.contains(request.connectTimeout) else {
            throw HTTPError(.invalidRequest, "A time-out is not between 1 ms and 10 minutes.")
        }
        guard (request.body?.count ?? 0) <= settings.requestBodyBytesMax else {
            throw HTTPError(.invalidRequest, "The body is longer than \(settings.requestBodyBytesMax) bytes.")
        }
        guard request.method != .head || request.body == nil else {
            throw HTTPError(.invalidRequest, "A HEAD request has no body.")
        }
        try check(request.headers)
    }

    private static func check(_ headers: HTTPHeaders) throws(HTTPError) {
        guard headers.count <= headersMax else {
            throw HTTPError(.invalidRequest, "There are more than \(headersMax) header fields.")
        }
        var bytes = 0
        for field in headers.fields {
            bytes += field.name.utf8.count + field.value.utf8.count
            guard !field.name.isEmpty, field.name.utf8.allSatisfy(isTokenByte) else {
                throw HTTPError(.invalidRequest, "A header name has characters that HTTP does not allow.")
            }
            guard field.value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
                throw HTTPError(.invalidRequest, "A header value has control characters.")
            }
            guard !isOwned(field.name) else {
                throw HTTPError(.invalidRequest, "A header field is set that the client itself sets.")
            }
        }
        guard bytes <= headerBytesMax else {
            throw HTTPError(.invalidRequest, "The header fields are longer than \(headerBytesMax) bytes.")
        }
    }

    /// Fields that say where a message goes or ends: set twice, two readers may see two different messages.
    private static func isOwned(_ name: String) -> Bool {
        guard (2...17).contains(name.utf8.count) else { return false }
        return owned.contains { HTTPHeaders.areEqual($0, name) }
    }

    private static let owned = [
        "host", "content-length", "transfer-encoding", "connection", "keep-alive", "te", "trailer", "upgrade",
        "expect", "proxy-connection",
    ]

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E, 0x5F, 0x60, 0x7C, 0x7E: true
        default: false
        }
    }
}
