import Models
import Redis
import ServiceKit

/// Who is signed in: one hash in Redis, so that every replica of the console knows every session.
struct SessionStore: Sendable {
    let redis: RedisClient
    /// `{sj:config}:sessions`: hash of the token → session.
    let key: String
    let secrets: SealedSecrets
    let lifetimeMilliseconds: Int64
    /// Milliseconds since 1970.
    let now: @Sendable () -> Int64

    enum Failure: Error {
        case redis(RedisError)
        /// ``Limits/sessionsMax`` are open.
        case full
        case sealing(SecretError)
    }

    /// Opens a session for a key that was checked.
    func open(name: String, apiKey: String) async throws(Failure) -> (token: SessionToken, session: Session) {
        if try await count() >= Limits.sessionsMax {
            try await sweep()
            if try await count() >= Limits.sessionsMax { throw .full }
        }
        let sealed: String
        do { sealed = try secrets.seal(apiKey) } catch { throw .sealing(error) }
        let token = SessionToken()
        let time = now()
        let session = Session(
            name: name, sealedKey: sealed, createdAt: time, expiresAt: time + lifetimeMilliseconds)
        _ = try await send(RedisCommand("HSET", key, token.hash, session.json.bytes))
        return (token, session)
    }

    /// The session of a token and its key; nil where there is none or it has ended. Being found makes it last longer.
    func find(_ token: SessionToken) async throws(Failure) -> (session: Session, apiKey: String)? {
        guard let bytes = try await send(RedisCommand("HGET", key, token.hash)).bytes,
            var session = Session(bytes)
        else { return nil }
        let time = now()
        guard session.expiresAt > time, let apiKey = try? secrets.open(session.sealedKey) else {
            try await end(token)
            return nil
        }
        let end = time + lifetimeMilliseconds
        if end - session.expiresAt >= Limits.sessionStepMilliseconds {
            session.expiresAt = end
            try await renew(token, from: bytes, to: session)
        }
        return (session, apiKey)
    }

    private func renew(_ token: SessionToken, from old: [UInt8], to session: Session) async throws(Failure) {
        do {
            _ = try await redis.node(forKey: key).run(
                Self.renewal, keys: [key], arguments: [token.hash, old, session.json.bytes])
        } catch { throw .redis(error) }
    }

    /// Whether the session goes on; asking does not make it last longer.
    func isOpen(_ token: SessionToken) async throws(Failure) -> Bool {
        guard let bytes = try await send(RedisCommand("HGET", key, token.hash)).bytes else { return false }
        return Session(bytes).map { $0.expiresAt > now() } ?? false
    }

    /// Moves the end of a session that is still as it was read: one that was ended in between must not come back.
    ///
    /// KEYS[1] `{sj:config}:sessions`; ARGV[1] hash of the token, ARGV[2] session as read, ARGV[3] session with its new
    /// end. Answers 1, or 0 where it changed since. O(1), safe to repeat.
    static let renewal = RedisScript(
        name: "renewSession",
        source: """
            #!lua
            if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
            redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
            return 1
            """)

    func end(_ token: SessionToken) async throws(Failure) {
        _ = try await send(RedisCommand("HDEL", key, token.hash))
    }

    /// Ends every session of one name; how many there were.
    func endAll(of name: String) async throws(Failure) -> Int {
        try await remove { $0.name == name }
    }

    /// Removes the sessions that have ended by their time.
    @discardableResult
    func sweep() async throws(Failure) -> Int {
        let time = now()
        return try await remove { $0.expiresAt <= time }
    }

    func count() async throws(Failure) -> Int {
        Int(try await send(RedisCommand("HLEN", key)).integerValue ?? 0)
    }

    /// Walks over all sessions, a bounded piece a call, and removes those that match and those that cannot be read.
    private func remove(where matches: (Session) -> Bool) async throws(Failure) -> Int {
        var cursor = "0"
        var removed = 0
        repeat {
            let reply = try await send(RedisCommand("HSCAN", key, cursor, "COUNT", Limits.sweepCount))
            let parts = reply.elements ?? []
            cursor = parts.first?.text ?? "0"
            let pairs = parts.last?.elements ?? []
            for place in stride(from: 0, to: pairs.count - 1, by: 2) {
                guard let field = pairs[place].text, let bytes = pairs[place + 1].bytes else { continue }
                if let session = Session(bytes), !matches(session) { continue }
                removed += Int(try await send(RedisCommand("HDEL", key, field)).integerValue ?? 0)
            }
        } while cursor != "0"
        return removed
    }

    private func send(_ command: RedisCommand) async throws(Failure) -> RedisReply {
        do { return try await redis.node(forKey: key).send(command) } catch { throw .redis(error) }
    }
}
