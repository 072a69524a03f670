/// How a data source or an action proves who is calling.
package enum HTTPAuthentication: Sendable, Hashable, CustomStringConvertible {
    /// Nothing is added.
    case none
    /// RFC 7617, UTF-8.
    case basic(user: String, password: String)
    /// RFC 6750.
    case bearer(token: String)
    /// A key in a header field of its own.
    case apiKeyHeader(name: String, value: String)
    /// A key as a query parameter.
    case apiKeyQuery(name: String, value: String)

    /// Adds the credentials, replacing a field of the same name, and marks the field as one that authenticates.
    package func apply(to request: inout HTTPRequest) {
        switch self {
        case .none:
            break
        case .basic(let user, let password):
            set("Authorization", "Basic " + Base64Text.encode(Array("\(user):\(password)".utf8)), in: &request)
        case .bearer(let token):
            set("Authorization", "Bearer " + token, in: &request)
        case .apiKeyHeader(let name, let value):
            set(name, value, in: &request)
        case .apiKeyQuery(let name, let value):
            request.addQuery(name, value)
        }
    }

    /// The kind, with the secret left out.
    package var description: String {
        switch self {
        case .none: "none"
        case .basic: "basic(***)"
        case .bearer: "bearer(***)"
        case .apiKeyHeader(let name, _): "apiKeyHeader(\(name): ***)"
        case .apiKeyQuery(let name, _): "apiKeyQuery(\(name): ***)"
        }
    }

    private func set(_ name: String, _ value: String, in request: inout HTTPRequest) {
        request.headers[name] = value
        request.credentialHeaders.insert(name.lowercased())
    }
}
