package import HTTPClient
package import Models

/// Takes secrets out of what a third party answered, before somebody is shown it: it may send back what it was sent.
package enum SecretHiding {
    package static func hide(_ secrets: [String], in text: String) -> String {
        secrets.reduce(text) { $0.replacing($1, with: Secret.mask) }
    }

    /// The texts in a value, the longest first, as they are and as JSON writes them. Short ones would hide nothing, and
    /// take words out of every answer.
    package static func texts(in value: JSONValue) -> [String] {
        var texts: Set<String> = []
        gather(value, &texts)
        return texts.sorted { ($1.utf8.count, $0) < ($0.utf8.count, $1) }
    }

    private static func gather(_ value: JSONValue, _ texts: inout Set<String>) {
        switch value {
        case .string(let text) where text.count >= 3:
            texts.insert(text)
            texts.insert(String(JSONValue.string(text).text.dropFirst().dropLast()))
        case .array(let items): for item in items { gather(item, &texts) }
        case .object(let object): for (_, item) in object { gather(item, &texts) }
        default: break
        }
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
