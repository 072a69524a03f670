import Models
import Queues
import Redis

/// One change of the configuration, as the audit keeps it: who, what, when, from where, before and after.
///
/// `{"revision":3,"at":ms,"service":"action-dispatch","author":"admin","address":"127.0.0.1","action":"update",
/// "kind":"actions","name":"sms","before":{…},"after":{…}}`: of an update only the members that
/// differ, secrets masked.
package struct AuditEntry: Sendable {
    /// Entries kept.
    package static let entriesMax = 100_000
    /// Bytes of `before` and of `after`; what is larger is named by its size alone, as its revision is kept elsewhere.
    static let partBytesMax = 8_192

    let json: JSONObject

    init(
        at: Int64, author: Author, service: String, action: String, kind: DefinitionKind, name: String,
        before: JSONObject?, after: JSONObject?
    ) {
        var entry: JSONObject = [
            "at": .integer(at), "service": .string(service), "author": .string(author.name),
        ]
        if let address = author.address { entry["address"] = .string(address) }
        entry["action"] = .string(action)
        entry["kind"] = .string(kind.name)
        entry["name"] = .string(name)
        var old = before.map { kind.masked($0).removing("revision") }
        var new = after.map { kind.masked($0).removing("revision") }
        if let one = old, let other = new {
            old = JSONObject(one.filter { other[$0.key] != $0.value }.map { ($0.key, $0.value) })
            new = JSONObject(other.filter { one[$0.key] != $0.value }.map { ($0.key, $0.value) })
        }
        if let old { entry["before"] = Self.bounded(old) }
        if let new { entry["after"] = Self.bounded(new) }
        json = entry
    }

    private static func bounded(_ part: JSONObject) -> JSONValue {
        let bytes = JSONValue.object(part).bytes.count
        return bytes <= partBytesMax ? .object(part) : ["tooLarge": JSONValue(bytes)]
    }
}

extension DefinitionStore {
    /// Entries of the audit, newest first.
    ///
    /// - Parameters:
    ///   - offset: entries to pass over.
    ///   - limit: entries, 1 to 1,000.
    package func audit(offset: Int = 0, limit: Int = 100) async throws(DefinitionError) -> [JSONObject] {
        let first = max(offset, 0), last = first + min(max(limit, 1), 1_000) - 1
        let reply = try await read(RedisCommand("LRANGE", keys.config("audit"), first, last))
        return (reply.elements ?? []).compactMap { element in
            guard let bytes = element.bytes else { return nil }
            return (try? JSONValue.parse(bytes))?.objectValue
        }
    }
}
