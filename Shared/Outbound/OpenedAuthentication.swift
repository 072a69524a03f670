package import Definitions
package import HTTPClient
package import Models

extension EndpointAuthentication {
    /// The authentication with its secrets opened, ready to be applied to a request. Never for logs or answers. One
    /// with a token of an endpoint is for ``TokenKeeper``.
    package func opened(_ sealing: SecretSealing) throws(DefinitionError) -> HTTPAuthentication {
        switch self {
        case .none: .none
        case .basic(let user, let password): .basic(user: user, password: try password.opened(sealing))
        case .apiKey(let name, let value, inQuery: true): .apiKeyQuery(name: name, value: try value.opened(sealing))
        case .apiKey(let name, let value, inQuery: false): .apiKeyHeader(name: name, value: try value.opened(sealing))
        case .custom: throw DefinitionError(.sealing, "A token is needed for this, and none was fetched.")
        }
    }

    /// The same with masks in the place of secrets, for requests that are only shown.
    package var masked: HTTPAuthentication {
        switch self {
        case .none: .none
        case .basic(let user, _): .basic(user: user, password: Secret.mask)
        case .apiKey(let name, _, inQuery: true): .apiKeyQuery(name: name, value: Secret.mask)
        case .apiKey(let name, _, inQuery: false): .apiKeyHeader(name: name, value: Secret.mask)
        case .custom(let custom): custom.applied(Secret.mask)
        }
    }
}
