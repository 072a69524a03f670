import JSONRPC

/// Takes API keys and tokens, and answers late to those who try.
package struct ServiceAuthenticator: Authenticator {
    private let keys: KeyTable
    private let tokens: TokenVerifier?
    private let attempts = FailedAttempts()

    init(keys: KeyTable, tokens: TokenVerifier?) {
        self.keys = keys
        self.tokens = tokens
    }

    package func authenticate(_ credentials: Credentials) async -> Principal? {
        guard let bearer = credentials.bearer else { return nil }
        if bearer.hasPrefix(APIKey.prefix) {
            if let principal = keys.principal(of: bearer) { return principal }
        } else if let tokens, let principal = await tokens.principal(of: bearer) {
            return principal
        }
        let delay = attempts.failed(from: credentials.remoteAddress ?? "unknown", at: .now)
        if delay > .zero {
            try? await Task.sleep(for: delay)
            attempts.released()
        }
        return nil
    }
}
