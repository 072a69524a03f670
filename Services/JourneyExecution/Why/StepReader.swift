import Foundation
import HTTPClient
import Logging
import Models

/// Asks journey-reporting, which owns the step store, what happened. A user's question and nothing else comes this
/// way: no event waits for it.
struct StepReader: Sendable {
    /// What became of the question.
    enum Answer: Sendable {
        case steps([JSONValue])
        /// A sentence about why there are none.
        case unreachable(String)
    }

    /// Items of one answer; older ones are asked for by `stepEvents.query` itself.
    static let stepsMax = 10_000
    private static let pageItems: Int64 = 1_000
    private static let timeout = Duration.seconds(10)
    private static let answerBytesMax = 32 << 20

    let client: OutboundClient
    /// Of its `/rpc`.
    let url: String
    let key: String?
    let logger: Logger

    /// The step events that the filter of `stepEvents.query` finds, in the order in which they happened.
    /// - Parameters:
    ///   - inputs: with what the engine saw, where it is kept.
    ///   - journeys: with the names of journeys that were ruled out together.
    func steps(_ filter: JSONObject, inputs: Bool = false, journeys: Bool = false) async -> Answer {
        var items: [JSONValue] = []
        var params: JSONObject = ["filter": .object(filter), "limit": .integer(Self.pageItems)]
        if inputs { params["inputs"] = true }
        if journeys { params["journeys"] = true }
        repeat {
            guard let answer = await call("stepEvents.query", params) else {
                return .unreachable("journey-reporting does not answer")
            }
            guard let page = answer["result"] else {
                return .unreachable(answer["error"]?["message"]?.stringValue ?? "journey-reporting refuses to answer")
            }
            items += page["items"]?.arrayValue ?? []
            params["cursor"] = page["cursor"].flatMap { $0.isNull ? nil : $0 }
        } while params["cursor"] != nil && items.count < Self.stepsMax
        return .steps(items)
    }

    private func call(_ method: String, _ params: JSONObject) async -> JSONValue? {
        let body: JSONValue = ["jsonrpc": "2.0", "id": 1, "method": .string(method), "params": .object(params)]
        var request = HTTPRequest(.post, url, body: body.bytes)
        request.headers["Content-Type"] = "application/json"
        if let key { request.headers["Authorization"] = "Bearer \(key)" }
        request.timeout = Self.timeout
        request.responseBytesMax = Self.answerBytesMax
        do {
            return try JSONValue.parse(try await client.send(request).body)
        } catch {
            logger.debug("journey-reporting gave no answer", metadata: ["cause": "\(error)"])
            return nil
        }
    }
}
