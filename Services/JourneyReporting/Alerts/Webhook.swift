import Crypto
import Definitions
import Foundation
import HTTPClient
import Models

/// Tells a webhook, signed as Standard Webhooks 1.0.0 have it: `webhook-id`, `webhook-timestamp` and, where there is a
/// secret, `webhook-signature: v1,<base64 of HMAC-SHA256 over id.timestamp.body>`.
struct Webhook: Sendable {
    /// What came of a call.
    struct Result: Sendable, Hashable {
        /// 2xx: the webhook took it.
        let delivered: Bool
        /// `http_204`, or the code of the failure.
        let status: String
    }

    let client: OutboundClient
    let sealing: SecretSealing
    /// Milliseconds since 1970.
    let clock: @Sendable () -> Int64

    func tell(_ alert: AlertDefinition, id: String, _ body: JSONValue) async -> Result {
        let bytes = body.bytes
        var request = HTTPRequest(.post, alert.url, body: bytes)
        request.headers["Content-Type"] = "application/json"
        request.headers["webhook-id"] = id
        let time = String(clock() / 1_000)
        request.headers["webhook-timestamp"] = time
        request.timeout = AlertLimits.callTime
        request.responseBytesMax = AlertLimits.answerBytesMax
        // What a webhook says beside its status is not read.
        request.lostBody = .leftOutOfSuccess
        if let secret = alert.secret {
            guard let text = try? secret.opened(sealing), let signature = Self.signature(text, id, time, bytes) else {
                return Result(delivered: false, status: "secretUnreadable")
            }
            request.headers["webhook-signature"] = signature
        }
        do {
            let answer = try await client.send(request)
            return Result(delivered: (200..<300).contains(answer.status), status: "http_\(answer.status)")
        } catch {
            return Result(delivered: false, status: error.code.rawValue)
        }
    }

    /// Nil where the secret is none.
    static func signature(_ secret: String, _ id: String, _ time: String, _ body: [UInt8]) -> String? {
        guard secret.hasPrefix("whsec_"), let key = Data(base64Encoded: String(secret.dropFirst(6))) else { return nil }
        var code = HMAC<SHA256>(key: SymmetricKey(data: key))
        code.update(data: Data("\(id).\(time).".utf8))
        code.update(data: Data(body))
        return "v1," + Data(code.finalize()).base64EncodedString()
    }
}

extension AlertDefinition {
    /// What the webhook is sent: `{"type":"alert.firing","timestamp":…,"data":{…}}`.
    func message(_ type: String, at time: Int64, value: Double?) -> JSONValue {
        var data: JSONObject = [
            "alert": .string(name), "kind": .string(alertKind.rawValue), "threshold": .decimal(threshold),
        ]
        if let journey { data["journey"] = .string(journey) }
        if let queue { data["queue"] = .string(queue) }
        if alertKind.hasWindow { data["window"] = .string(ISODuration.text(windowMilliseconds)) }
        if let value { data["value"] = .decimal(value) }
        return [
            "type": .string("alert.\(type)"), "timestamp": .string(Timestamp.text(time)), "data": .object(data),
        ]
    }
}
