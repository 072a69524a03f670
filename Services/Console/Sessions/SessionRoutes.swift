import JSONRPC
import Logging
import Models

/// `/session`: POST `{key}` signs in, GET tells who is signed in, DELETE signs out.
///
/// POST and GET answer `{signedIn: true, name, scopes, csrfToken, expiresAt}`; GET answers `{signedIn: false}` where
/// nobody is. The cookie is renewed by each GET, so that an open page stays signed in.
struct SessionRoutes: Sendable {
    let callers: CallerCheck
    let lifetimeSeconds: Int64
    let logger: Logger

    func register(in routes: inout HTTPRoutes) {
        routes.on(.post, "/session") { call throws(HTTPRefusal) in try await signIn(call) }
        routes.on(.get, "/session") { call throws(HTTPRefusal) in try await show(call) }
        routes.on(.delete, "/session") { call throws(HTTPRefusal) in try await signOut(call) }
    }

    /// JSON only: a form of another site cannot send it, nor a page without asking first. Wrong keys are slowed by the
    /// authenticator, as everywhere.
    private func signIn(_ call: HTTPCall) async throws(HTTPRefusal) -> HTTPAnswer {
        guard call.header("content-type")?.lowercased().hasPrefix("application/json") == true else {
            throw .refused(415, "The content type must be application/json.")
        }
        if let site = call.header("sec-fetch-site"), site != "same-origin", site != "none" {
            throw .refused(403, "Signing in from the page of another site is refused.")
        }
        let body = try await call.body(bytesMax: Limits.signInBytesMax)
        guard let key = (try? JSONValue.parse(body))?["key"]?.stringValue?.trimmed, !key.isEmpty else {
            throw .refused(400, "The body must be {\"key\": \"…\"} with an API key.")
        }
        let credentials = Credentials(authorization: "Bearer \(key)", peer: call.peer)
        guard let principal = await callers.authenticator.authenticate(credentials) else {
            throw HTTPRefusal(
                HTTPRefusal.refused(
                    401, "No such key is known here. Check that it was copied whole, and is not deleted."
                )
                .answer.withPrivateHeaders)
        }
        do throws(SessionStore.Failure) {
            let (token, session) = try await callers.sessions.open(name: principal.name, apiKey: key)
            logger.info("Signed in", metadata: ["name": "\(principal.name)"])
            return answer(principal, token, session.expiresAt)
        } catch {
            logger.warning("Nobody could sign in", metadata: ["cause": "\(error)"])
            throw error.refusal
        }
    }

    private func show(_ call: HTTPCall) async throws(HTTPRefusal) -> HTTPAnswer {
        guard let caller = try await callers.signedIn(call), let session = caller.session else {
            return HTTPAnswer.json(["signedIn": false]).withPrivateHeaders
        }
        return answer(caller.principal, session.token, session.expiresAt)
    }

    private func signOut(_ call: HTTPCall) async throws(HTTPRefusal) -> HTTPAnswer {
        let caller = try await callers.changing(call)
        guard let session = caller.session else {
            throw .refused(400, "A key has no session of its own here; session.logout ends those that it opened.")
        }
        do throws(SessionStore.Failure) { try await callers.sessions.end(session.token) } catch { throw error.refusal }
        return HTTPAnswer.empty(status: 204).adding("set-cookie", callers.cookie.clearing).withPrivateHeaders
    }

    private func answer(_ principal: Principal, _ token: SessionToken, _ expiresAt: Int64) -> HTTPAnswer {
        var body: JSONObject = ["signedIn": true]
        body.merge(principal.shown)
        body["csrfToken"] = .string(token.csrf)
        body["expiresAt"] = .string(Timestamp.text(expiresAt))
        return HTTPAnswer.json(.object(body))
            .adding("set-cookie", callers.cookie.setting(token, seconds: lifetimeSeconds)).withPrivateHeaders
    }
}

extension Principal {
    /// `{name, scopes}`, the scopes in the order of their table.
    var shown: JSONObject {
        let words = Scope.allCases.filter(scopes.contains).map(\.rawValue)
        return ["name": .string(name), "scopes": JSONValue(words)]
    }
}

extension String {
    /// Without blanks and line ends around it, as keys are pasted.
    var trimmed: String {
        String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
