import HTTPClient
import JSONRPC
import Models

/// Asks journey-reporting for the sums of a journey, in a caller's name: whether the caller may see them is decided
/// there.
struct LiveSums: Sendable {
    let places: ServicePlaces
    let client: OutboundClient

    /// The answer of `reports.live`.
    func now(of journey: String, key: String) async throws(HTTPRefusal) -> JSONValue {
        guard let url = places.rpcURL(of: ServiceName.journeyReporting.rawValue) else {
            throw .refused(503, "Where journey-reporting is, is not set.")
        }
        let body: JSONValue = [
            "jsonrpc": "2.0", "id": 1, "method": "reports.live", "params": ["name": .string(journey)],
        ]
        var request = HTTPRequest(.post, url, body: body.bytes)
        request.headers["Content-Type"] = "application/json"
        request.headers["Authorization"] = "Bearer \(key)"
        request.responseBytesMax = Limits.answerBytesMax
        request.connectionsMax = Limits.callsPerService
        let answer: JSONValue
        do { answer = try JSONValue.parse(try await client.send(request).body) } catch {
            throw HTTPRefusal(
                HTTPRefusal.refused(503, "journey-reporting is away; try again in a moment.").answer
                    .adding("retry-after", "2").withPrivateHeaders)
        }
        if let result = answer["result"] { return result }
        let message = answer["error"]?["message"]?.stringValue ?? "journey-reporting gave no answer."
        switch answer["error"]?["code"]?.integerValue.flatMap({ RPCErrorCode(rawValue: Int($0)) }) {
        case .notFound?: throw .refused(404, message)
        case .forbidden?: throw .refused(403, message)
        case .unauthorized?: throw .refused(401, message)
        case .invalidParams?: throw .refused(400, message)
        default: throw .refused(503, message)
        }
    }
}
