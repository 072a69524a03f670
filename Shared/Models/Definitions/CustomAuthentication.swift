/// A token that an endpoint of the third party gives, in the form of the reference product:
///
/// ```json
/// {"type": "custom", "endpoint": "https://id.example/token", "method": "POST", "headers": {"X-App": "…"},
///  "body": {"bodyType": "form", "bodyParams": {"client_id": "…", "client_secret": "…"}},
///  "tokenInResponse": "json://access_token", "authorizationType": "bearer",
///  "cacheDuration": {"expiryInResponse": "json://expires_in", "timeUnit": "seconds"}}
/// ```
///
/// Every header and every parameter of the body counts as a secret.
package struct CustomAuthentication: Sendable, Hashable {
    /// How the calls carry the token: `authorizationType` with `tokenTarget` as the name.
    package enum Target: Sendable, Hashable {
        case bearer
        case header(String)
        case query(String)
    }

    /// How long a token is used: `cacheDuration`.
    package enum Lifetime: Sendable, Hashable {
        case fixed(milliseconds: Int64)
        /// A number in the answer, in units of so many milliseconds.
        case inResponse(path: [String], unitMilliseconds: Int64)
    }

    package struct Field: Sendable, Hashable {
        package let name: String
        package let value: Secret
    }

    package let target: Target
    package let endpoint: String
    /// `GET` or `POST`.
    package let method: String
    package let headers: [Field]
    /// Whether the body of a POST is a form; otherwise JSON.
    package let isForm: Bool
    package let parameters: [Field]
    /// Member names down to the token; nil: the answer's whole text is the token.
    package let tokenPath: [String]?
    /// Nil: until it is refused, an hour at most.
    package let lifetime: Lifetime?

    /// Reads the members beside `type`.
    init(_ reader: inout ObjectReader) {
        let name = reader.string("tokenTarget", lengthMax: 256) ?? ""
        switch reader.string("authorizationType")?.lowercased() {
        case "bearer", nil: target = .bearer
        case "header": target = .header(name)
        case "queryparam": target = .query(name)
        case _?:
            target = .bearer
            reader.report("authorizationType", "must be bearer, header or queryParam")
        }
        if target != .bearer, name.isEmpty {
            reader.report("tokenTarget", "is required: the name of the header or the query parameter")
        }
        endpoint = reader.requiredString("endpoint", lengthMax: 4_096)
        if !endpoint.isEmpty, !endpoint.hasPrefix("http://"), !endpoint.hasPrefix("https://") {
            reader.report("endpoint", "must begin with http:// or https://")
        }
        method = reader.string("method") ?? "POST"
        if !["GET", "POST"].contains(method) { reader.report("method", "must be GET or POST") }
        headers = Self.fields(&reader, "headers")
        var body = ObjectReader(reader.object("body") ?? [:], path: reader.pointer("body"))
        let type = body.string("bodyType") ?? "form"
        if type != "form", type != "json" { body.report("bodyType", "must be form or json") }
        isForm = type == "form"
        parameters = Self.fields(&body, "bodyParams")
        body.refuseUnknown()
        reader.report(body.problems)
        if method == "GET", !parameters.isEmpty { reader.report("body", "is for POST only") }
        let token = reader.requiredString("tokenInResponse")
        tokenPath = Self.path(token)
        if tokenPath == nil, token != "response" {
            reader.report("tokenInResponse", "must be response or json://path")
        }
        lifetime = Self.lifetime(&reader)
    }

    private static func fields(_ reader: inout ObjectReader, _ key: String) -> [Field] {
        guard let object = reader.object(key) else { return [] }
        var part = ObjectReader(object, path: reader.pointer(key))
        if object.count > 50 { reader.report(key, "has more than 50 members") }
        let fields = object.keys.map { Field(name: $0, value: Secret(&part, $0)) }
        reader.report(part.problems)
        return fields
    }

    /// `json://a/b` as member names; nil for anything else.
    private static func path(_ text: String) -> [String]? {
        guard text.hasPrefix("json://") else { return nil }
        let path = text.dropFirst("json://".count).split(separator: "/").map(String.init)
        return path.isEmpty ? nil : path
    }

    private static let units: [String: Int64] = [
        "milliseconds": 1, "seconds": 1_000, "minutes": 60_000, "hours": 3_600_000, "days": 86_400_000,
        "months": 30 * 86_400_000, "years": 365 * 86_400_000,
    ]

    private static func lifetime(_ reader: inout ObjectReader) -> Lifetime? {
        guard let object = reader.object("cacheDuration") else { return nil }
        var part = ObjectReader(object, path: reader.pointer("cacheDuration"))
        defer { reader.report(part.problems) }
        let unit = units[part.string("timeUnit") ?? "seconds"]
        if unit == nil { part.report("timeUnit", "must be one of \(units.keys.sorted().joined(separator: ", "))") }
        let duration = part.integer("duration", in: 0...1_000_000_000)
        let expiry = part.string("expiryInResponse")
        part.refuseUnknown()
        if let expiry {
            guard let path = path(expiry) else {
                part.report("expiryInResponse", "must be json://path")
                return nil
            }
            return .inResponse(path: path, unitMilliseconds: unit ?? 1_000)
        }
        guard let duration else {
            part.report("duration", "or expiryInResponse is required")
            return nil
        }
        return .fixed(milliseconds: duration * (unit ?? 1_000))
    }
}
