import HTTPTypes
import NIOCore

/// `POST /rpc`: the rules of HTTP around JSON-RPC.
struct RPCEndpoint: Sendable {
    let content: ServerContent
    let authenticator: any Authenticator
    let readiness: any Readiness
    let bodyBytesMax: Int

    /// The order of refusals: method, Redis away, credentials, content type, size. Only then is the body read.
    func answer(_ head: HTTPRequest, _ reader: BodyReader, peer: Peer) async -> HTTPAnswer {
        guard head.method == .post else {
            return Self.refusal(405, .invalidRequest, "Requests are sent with POST.").adding("allow", "POST")
        }
        if let reason = readiness.reasonAway {
            return Self.refusal(503, .unavailable, reason).adding("retry-after", "1")
        }
        guard let dispatcher = content.current?.dispatcher else { return Self.starting }
        let credentials = Credentials(authorization: head.headerFields[.authorization], peer: peer)
        guard let principal = await authenticator.authenticate(credentials) else {
            return Self.refusal(401, .unauthorized, "The credentials are missing or wrong.")
                .adding("www-authenticate", "Bearer")
        }
        guard Self.isJSON(head.headerFields[.contentType]) else {
            return Self.refusal(415, .invalidRequest, "The content type must be application/json in UTF-8.")
        }
        let message: RPCMessage
        do throws(BodyError) {
            let body = try await reader.collect(bytesMax: bodyBytesMax)
            message = body.withUnsafeReadableBytes { RPCMessage.read($0) }
        } catch { return refusal(error) }
        guard let answer = await dispatcher.answer(message, from: principal, at: peer) else {
            return .empty(status: 204)
        }
        return .bytes(answer, type: "application/json")
    }

    /// While the service has not got its content yet.
    static var starting: HTTPAnswer {
        refusal(503, .unavailable, "The service is starting.").adding("retry-after", "1")
    }

    /// `application/json`, with no other charset than UTF-8.
    static func isJSON(_ type: String?) -> Bool {
        guard let type else { return false }
        if type == "application/json" { return true }
        let parts = type.lowercased().split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
        guard parts.first == "application/json" else { return false }
        return parts.dropFirst().allSatisfy { part in
            !part.hasPrefix("charset=") || ["charset=utf-8", "charset=\"utf-8\""].contains(part)
        }
    }

    private func refusal(_ error: BodyError) -> HTTPAnswer {
        switch error {
        case .tooLarge(let bytesMax): Self.refusal(413, .invalidRequest, "The body is larger than \(bytesMax) bytes.")
        case .noRoom: Self.refusal(503, .unavailable, "Too many requests at once.").adding("retry-after", "1")
        case .broken: Self.refusal(400, .invalidRequest, "The body did not arrive whole.")
        }
    }

    private static func refusal(_ status: Int, _ code: RPCErrorCode, _ sentence: String) -> HTTPAnswer {
        .bytes(RPCAnswer.error(RPCError(code, sentence)), type: "application/json", status: status)
    }
}
