/// What a request shows to prove who sends it.
package struct Credentials: Sendable {
    /// The `Authorization` header as it came.
    package let authorization: String?
    package let peer: Peer

    package init(authorization: String?, peer: Peer = .unknown) {
        self.authorization = authorization
        self.peer = peer
    }

    package var remoteAddress: String? { peer.text }

    /// What stands after `Bearer`; nil for another scheme or none.
    package var bearer: Substring? {
        guard let authorization, authorization.utf8.count > 7 else { return nil }
        let prefix = authorization.prefix(7)
        guard prefix == "Bearer " || prefix.lowercased() == "bearer " else { return nil }
        let token = authorization.dropFirst(7).drop { $0 == " " }
        return token.isEmpty ? nil : token
    }
}

/// Tells who is calling. Is asked once a request, before the body is read, so an answer should come from memory.
package protocol Authenticator: Sendable {
    /// The caller; nil where credentials are missing or wrong.
    func authenticate(_ credentials: Credentials) async -> Principal?
}
