package import HTTPClient
package import Models

/// Takes secrets out of what a third party answered, before somebody is shown it: it may send back what it was sent.
package enum SecretHiding {
    package static func hide(_ secrets: [String], in text: String) -> String {
        secrets.reduce(text) { $0.replacing($1, with: Secret.mask) }
    }

    package static func hide(_ secrets: [String], in value: JSONValue) -> JSONValue {
        switch value {
        case .string(let text): .string(hide(secrets, in: text))
        case .array(let items): .array(items.map { hide(secrets, in: $0) })
        case .object(let object):
            .object(JSONObject(object.map { (hide(secrets, in: $0.key), hide(secrets, in: $0.value)) }))
        default: value
        }
    }
}

extension HTTPAuthentication {
    /// Every form in which a secret may come back in an answer.
    package var secretTexts: [String] {
        let plain: [String]
        switch self {
        case .none: plain = []
        case .basic(_, let password):
            var request = HTTPRequest(.get, "http://x.example/")
            apply(to: &request)
            let token = request.headers["Authorization"].map { String($0.dropFirst("Basic ".count)) }
            plain = [password] + (token.map { [$0] } ?? [])
        case .bearer(let token): plain = [token]
        case .apiKeyHeader(_, let value), .apiKeyQuery(_, let value): plain = [value]
        }
        // Very short ones would turn every text into masks, and hide nothing.
        return plain.flatMap { [$0, PercentEncoding.component($0)] }.filter { $0.count >= 3 }
    }
}
