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
        let scheme = zip(authorization.utf8, "bearer ".utf8)
        guard scheme.allSatisfy({ $0 | 0x20 == $1 }) else { return nil }
        let token = Substring(authorization.utf8.dropFirst(7).drop { $0 == UInt8(ascii: " ") })
        return token.isEmpty ? nil : token
    }
}

/// Tells who is calling. Is asked once a request, before the body is read, so an answer should come from memory.
package protocol Authenticator: Sendable {
    /// The caller; nil where credentials are missing or wrong.
    func authenticate(_ credentials: Credentials) async -> Principal?
}
