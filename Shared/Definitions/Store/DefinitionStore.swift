import Models
import Queues
import Redis

/// The configuration in Redis: one hash a kind, `{sj:config}:<kind>`, of documents that begin with their revision.
///
/// A write names the revision that it is based on and is refused when somebody else was faster; each write and
/// deletion goes into the audit and is announced on `sj:config`. Every call may be repeated: a write whose answer was
/// lost is recognised by its token.
package struct DefinitionStore: Sendable {
    let redis: RedisClient
    let keys: QueueKeys
    /// The service that writes, for the audit.
    let service: String
    /// Milliseconds since 1970, for the audit.
    let now: @Sendable () -> Int64
    /// Makes names for writes that nobody else makes.
    let token: @Sendable () -> String
    /// From 0 to below 1: spreads the attempts of many who write at once.
    let random: @Sendable () -> Double

    package init(
        redis: RedisClient, keys: QueueKeys, service: String, now: @escaping @Sendable () -> Int64,
        token: @escaping @Sendable () -> String, random: @escaping @Sendable () -> Double = { .random(in: 0..<1) }
    ) {
        self.redis = redis
        self.keys = keys
        self.service = service
        self.now = now
        self.token = token
        self.random = random
    }

    var connection: RedisConnection { redis.node(forKey: keys.config("changes")) }

    // MARK: Reading

    /// The newest revision of a name.
    package func get(_ kind: DefinitionKind, _ name: String) async throws(DefinitionError) -> StoredDefinition? {
        guard let bytes = try await read(RedisCommand("HGET", keys.config(kind.name), name)).bytes else { return nil }
        return try Self.stored(name, bytes)
    }

    /// A revision of a name: the newest, or an earlier one as far as the kind keeps them, also of a deleted name.
    package func get(
        _ kind: DefinitionKind, _ name: String, revision: Int64
    ) async throws(DefinitionError) -> StoredDefinition? {
        if let newest = try await get(kind, name), newest.revision == revision { return newest }
        let field = "\(name)@\(revision)"
        let reply = try await read(RedisCommand("HGET", keys.config("\(kind.name):revisions"), field))
        return try reply.bytes.map { bytes throws(DefinitionError) in try Self.stored(name, bytes) }
    }

    /// The revision at which the last definition of a name was deleted, as long as its past is kept; 0 where there was
    /// none.
    package func lastRevision(
        ofDeleted kind: DefinitionKind, _ name: String
    ) async throws(DefinitionError) -> Int64 {
        let reply = try await read(RedisCommand("HGET", keys.config("\(kind.name):revisions"), name))
        return reply.text.flatMap { Int64($0) } ?? 0
    }

    /// All of a kind, by name. What is not a document is left out: ``DefinitionCache`` says so in the log.
    package func all(_ kind: DefinitionKind) async throws(DefinitionError) -> [StoredDefinition] {
        try await snapshot(kind).definitions
    }

    /// The number of writes so far of one kind, or of all kinds together.
    package func changes(of kind: DefinitionKind? = nil) async throws(DefinitionError) -> Int64 {
        let reply = try await read(RedisCommand("HGET", keys.config("changes"), kind?.name ?? "all"))
        return reply.text.flatMap { Int64($0) } ?? 0
    }

    /// Makes the number of a kind's writes at least this one, which somebody has met: Redis lost it. Two at once may
    /// pass it, which harms nobody. Safe to repeat.
    package func raiseChanges(of kind: DefinitionKind, to number: Int64) async throws(DefinitionError) {
        let known = try await changes(of: kind)
        if known >= number { return }
        _ = try await read(RedisCommand("HINCRBY", keys.config("changes"), kind.name, number - known))
    }

    /// A kind as a whole with the number of its writes, read before the documents: a write in between is seen again.
    func snapshot(
        _ kind: DefinitionKind
    ) async throws(DefinitionError) -> (changes: Int64, definitions: [StoredDefinition], unreadable: [String]) {
        let changes = try await changes(of: kind)
        var definitions: [StoredDefinition] = []
        var unreadable: [String] = []
        for (name, bytes) in try await documents(kind) {
            if let stored = try? Self.stored(name, bytes) {
                definitions.append(stored)
            } else {
                unreadable.append(name)
            }
        }
        return (changes, definitions, unreadable)
    }

    /// All documents of a kind as they are stored, by name: for who knows most of them already.
    package func documents(_ kind: DefinitionKind) async throws(DefinitionError) -> [(name: String, bytes: [UInt8])] {
        let reply = try await read(RedisCommand("HGETALL", keys.config(kind.name)))
        let parts = reply.elements ?? []
        var documents: [(name: String, bytes: [UInt8])] = []
        documents.reserveCapacity(parts.count / 2)
        for place in stride(from: 0, to: parts.count - 1, by: 2) {
            guard let name = parts[place].text, let bytes = parts[place + 1].bytes else { continue }
            documents.append((name, bytes))
        }
        documents.sort { $0.name < $1.name }
        return documents
    }

    static func stored(_ name: String, _ bytes: [UInt8]) throws(DefinitionError) -> StoredDefinition {
        guard case .object(let document)? = try? JSONValue.parse(bytes),
            let revision = document["revision"]?.integerValue
        else { throw DefinitionError(.unavailable, "The stored definition \(name) is not one.") }
        return StoredDefinition(name: name, revision: revision, document: document)
    }

    // MARK: Redis

    func read(_ command: RedisCommand) async throws(DefinitionError) -> RedisReply {
        do { return try await connection.send(command) } catch { throw DefinitionError(error) }
    }
}

extension DefinitionError {
    init(_ error: RedisError) {
        self.init(.unavailable, error.callerMessage, cause: error)
    }

    init(_ error: QueueError) {
        self.init(.unavailable, error.callerMessage, cause: error)
    }
}
