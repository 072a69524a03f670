import JSONRPC
import Models
import Synchronization

/// The API keys that are good now, by their hashes: asked on every request, replaced as a whole from time to time.
package final class KeyTable: Sendable {
    /// Keys in Redis that are read; further ones are refused and reported.
    package static let keysMax = 10_000

    private struct Entry {
        let digest: [UInt8]
        let principal: Principal
    }

    private struct Keys {
        /// By the first eight bytes of the hash.
        var byStart: [UInt64: [Entry]] = [:]

        mutating func add(_ digest: [UInt8], _ principal: Principal) {
            byStart[KeyTable.start(digest), default: []].append(Entry(digest: digest, principal: principal))
        }
    }

    private let fixed: Keys
    private let read = Mutex(Keys())

    /// - Parameter adminKey: has all scopes, and is good before anything was read from Redis.
    package init(adminKey: String? = nil) {
        var keys = Keys()
        if let adminKey {
            keys.add(APIKey.digest(of: adminKey), Principal(name: "admin", scopes: Set(Scope.allCases)))
        }
        fixed = keys
    }

    /// Takes over the records of Redis. Records that cannot be read are left out and counted in the answer.
    package func replace(with records: [JSONValue]) -> Int {
        var keys = Keys()
        var unreadable = 0
        for record in records.prefix(Self.keysMax) {
            guard let name = record["name"]?.stringValue, let scopes = record["scopes"]?.arrayValue,
                let digest = record["hash"]?.stringValue.flatMap(Hex.bytes), digest.count == 32
            else {
                unreadable += 1
                continue
            }
            let known = scopes.compactMap { $0.stringValue.flatMap(Scope.init) }
            keys.add(digest, Principal(name: name, scopes: Set(known)))
        }
        read.withLock { $0 = keys }
        return unreadable + max(0, records.count - Self.keysMax)
    }

    /// Whose key this is. The stored hash is compared in constant time.
    package func principal(of key: some StringProtocol) -> Principal? {
        let digest = APIKey.digest(of: key)
        let start = Self.start(digest)
        if let found = Self.find(digest, in: fixed.byStart[start]) { return found }
        return Self.find(digest, in: read.withLock { $0.byStart[start] })
    }

    private static func find(_ digest: [UInt8], in entries: [Entry]?) -> Principal? {
        var found: Principal?
        for entry in entries ?? [] where isEqual(entry.digest, digest) { found = entry.principal }
        return found
    }

    /// Takes the same time wherever the bytes differ.
    static func isEqual(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        guard one.count == other.count else { return false }
        var difference: UInt8 = 0
        for place in one.indices { difference |= one[place] ^ other[place] }
        return difference == 0
    }

    private static func start(_ digest: [UInt8]) -> UInt64 {
        digest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
