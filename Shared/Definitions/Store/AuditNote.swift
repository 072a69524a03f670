import JSONRPC
import Models
import Queues
import Redis

extension DefinitionStore {
    /// Writes into the audit what somebody did that changes no definition: a retry, a move, a discard.
    ///
    /// `{"at":ms,"service":"action-dispatch","author":"admin","address":"127.0.0.1","action":"retry",
    /// "kind":"deadLetters","name":"4f0c…:thank:1","details":{…}}`
    ///
    /// - Parameters:
    ///   - name: of what it was done to.
    ///   - details: what else tells what was done, without secrets.
    /// - Throws: unavailable, where it was done and could not be written.
    package func note(
        _ action: String, _ kind: String, _ name: String, _ details: JSONObject = JSONObject(), by author: Author
    ) async throws(RPCError) {
        var entry: JSONObject = [
            "at": .integer(now()), "service": .string(service), "author": .string(author.name),
        ]
        if let address = author.address { entry["address"] = .string(address) }
        entry["action"] = .string(action)
        entry["kind"] = .string(kind)
        entry["name"] = .string(name)
        if !details.isEmpty { entry["details"] = .object(details) }
        let audit = keys.config("audit")
        do {
            _ = try await connection.send(RedisCommand("LPUSH", audit, JSONValue.object(entry).bytes))
            _ = try await connection.send(RedisCommand("LTRIM", audit, 0, AuditEntry.entriesMax - 1))
        } catch {
            throw .unavailable("It was done, and could not be written into the audit.", cause: error)
        }
    }
}
