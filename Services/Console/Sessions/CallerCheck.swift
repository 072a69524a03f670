import JSONRPC
import Models

/// Who sends a request to the console: by `Authorization: Bearer`, or by the cookie of a session.
struct CallerCheck: Sendable {
    struct Caller: Sendable {
        let principal: Principal
        /// The key or token that calls in the caller's name carry.
        let key: String
        /// Nil for a caller with a key of its own.
        let session: (token: SessionToken, expiresAt: Int64)?
    }

    let sessions: SessionStore
    let cookie: SessionCookie
    let authenticator: any Authenticator

    /// The caller of a request that changes something or acts in the caller's name: with a cookie it must show the
    /// CSRF token, which only the console's own page knows.
    func changing(_ call: HTTPCall) async throws(HTTPRefusal) -> Caller {
        if let authorization = call.header("authorization") {
            let credentials = Credentials(authorization: authorization, peer: call.peer)
            guard let key = credentials.bearer, let principal = await authenticator.authenticate(credentials) else {
                throw HTTPRefusal(HTTPRefusal.unauthorized.answer.withPrivateHeaders)
            }
            return Caller(principal: principal, key: String(key), session: nil)
        }
        guard let caller = try await signedIn(call) else { throw Self.signedOut }
        guard let token = caller.session?.token, token.isCSRF(call.header("x-csrf-token") ?? "") else {
            throw .refused(403, "The header X-CSRF-Token is missing or belongs to another session; load the page anew.")
        }
        return caller
    }

    /// The caller by the cookie alone; nil where nobody is signed in. A session whose key is good no more ends.
    func signedIn(_ call: HTTPCall) async throws(HTTPRefusal) -> Caller? {
        guard let token = cookie.token(in: call.header("cookie")) else { return nil }
        do throws(SessionStore.Failure) {
            guard let (session, key) = try await sessions.find(token) else { return nil }
            let credentials = Credentials(authorization: "Bearer \(key)", peer: call.peer)
            guard let principal = await authenticator.authenticate(credentials) else {
                try await sessions.end(token)
                return nil
            }
            return Caller(principal: principal, key: key, session: (token, session.expiresAt))
        } catch { throw error.refusal }
    }

    /// Whether a caller of before would still be let in. Asking does not make a session last longer, so that a page
    /// left open does not stay signed in by itself. True while the store of sessions is away.
    func isStillIn(_ caller: Caller) async -> Bool {
        if let token = caller.session?.token {
            do { if try await !sessions.isOpen(token) { return false } } catch { return true }
        }
        let credentials = Credentials(authorization: "Bearer \(caller.key)", peer: .unknown)
        return await authenticator.authenticate(credentials) != nil
    }

    private static let signedOut = HTTPRefusal(
        HTTPRefusal.refused(401, "Nobody is signed in here, or the session has ended; sign in again.").answer
            .withPrivateHeaders)
}

extension SessionStore.Failure {
    /// What a browser learns of it.
    var refusal: HTTPRefusal {
        switch self {
        case .redis:
            HTTPRefusal(
                HTTPRefusal.refused(503, "The store of sessions is away; try again in a moment.").answer
                    .adding("retry-after", "1").withPrivateHeaders)
        case .full: .refused(429, "Too many people are signed in; try again later.")
        case .sealing: .refused(500, "The key cannot be sealed; see the console's log.")
        }
    }
}
