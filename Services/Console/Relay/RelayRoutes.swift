import HTTPClient
import JSONRPC
import Logging
import Models

/// `POST /relay/{service}`: one JSON-RPC body, single or batch, goes byte for byte to the service's `/rpc` with the
/// caller's own key, and the answer comes back as it is. What the caller may do is decided there.
///
/// A call that never arrived is answered 502, one without an answer in time 504 with an unknown outcome: both in the
/// shape of JSON-RPC, code −32030.
struct RelayRoutes: Sendable {
    let callers: CallerCheck
    let places: ServicePlaces
    let client: OutboundClient
    let timeout: Duration
    let logger: Logger

    func register(in routes: inout HTTPRoutes) {
        routes.on(.post, "/relay/{service}") { call throws(HTTPRefusal) in try await relay(call) }
    }

    private func relay(_ call: HTTPCall) async throws(HTTPRefusal) -> HTTPAnswer {
        let caller = try await callers.changing(call)
        let service = call.parameter("service") ?? ""
        guard let url = places.rpcURL(of: service) else {
            throw HTTPRefusal(Self.refusal(404, .notFound, "There is no service of this name."))
        }
        guard call.header("content-type")?.lowercased().hasPrefix("application/json") == true else {
            throw HTTPRefusal(Self.refusal(415, .invalidRequest, "The content type must be application/json."))
        }
        var request = HTTPRequest(.post, url, body: try await call.body(bytesMax: Limits.requestBytesMax))
        request.headers["Content-Type"] = "application/json"
        request.headers["Authorization"] = "Bearer \(caller.key)"
        request.timeout = timeout
        request.responseBytesMax = Limits.answerBytesMax
        request.connectionsMax = Limits.callsPerService
        do {
            return Self.answer(try await client.send(request))
        } catch {
            logger.debug("A service did not answer", metadata: ["service": "\(service)", "cause": "\(error)"])
            throw HTTPRefusal(Self.failure(error, service: service))
        }
    }

    private static func answer(_ response: HTTPResponse) -> HTTPAnswer {
        var headers: [(name: String, value: String)] = []
        for name in ["content-type", "retry-after", "www-authenticate"] {
            if let value = response.headers[name] { headers.append((name, value)) }
        }
        return HTTPAnswer(status: response.status, headers: headers, body: .bytes(response.body))
            .withPrivateHeaders
    }

    /// What a call that failed on the way means to the caller.
    static func failure(_ error: HTTPError, service: String) -> HTTPAnswer {
        switch error.retry {
        case .never where error.code == .tooLarge:
            refusal(502, .unavailable, "The answer of \(service) is too large; ask for less at once.")
        case .never: refusal(502, .unavailable, "The address of \(service) cannot be called.")
        case .safe: refusal(502, .unavailable, "\(service) is away: nothing listens where it should be.")
        case .unknownOutcome:
            refusal(504, .unavailable, "\(service) gave no answer; what was asked may have been done all the same.")
        }
    }

    private static func refusal(_ status: Int, _ code: RPCErrorCode, _ sentence: String) -> HTTPAnswer {
        HTTPAnswer.json(
            [
                "jsonrpc": "2.0", "id": nil,
                "error": ["code": JSONValue(code.rawValue), "message": .string(sentence)],
            ], status: status
        ).withPrivateHeaders
    }
}
