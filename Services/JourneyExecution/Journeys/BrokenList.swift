import Definitions
import Models
import Queues
import Redis
import Synchronization

/// The versions that do not compile, for alerts: `{sj:config}:broken`, by `journey@version`, `{since, reasons}`.
///
/// Every replica compiles the same and writes the same; what is mended is taken out by whoever sees it first.
final class BrokenList: Sendable {
    private let redis: RedisClient
    private let key: String
    /// What was shown last; nil before the first time.
    private let shown = Mutex<[String: [Int64: [String]]]?>(nil)

    init(redis: RedisClient, keys: QueueKeys) {
        self.redis = redis
        key = keys.config("broken")
    }

    /// Makes the list equal to what is broken now. Asks Redis only where that is not what it was.
    func show(_ broken: [String: [Int64: [String]]], at now: Int64) async throws(DefinitionError) {
        if shown.withLock({ $0 == broken }) { return }
        let connection = redis.node(forKey: key)
        do {
            let fields = Dictionary(
                uniqueKeysWithValues: broken.flatMap { journey, versions in
                    versions.map { ("\(journey)@\($0.key)", $0.value) }
                })
            let known = (try await connection.send(RedisCommand("HKEYS", key)).elements ?? []).compactMap(\.text)
            for (field, reasons) in fields.sorted(by: { $0.key < $1.key }) where !known.contains(field) {
                let value: JSONValue = ["since": .integer(now), "reasons": JSONValue(reasons)]
                _ = try await connection.send(RedisCommand("HSETNX", key, field, value.bytes))
            }
            for field in known where fields[field] == nil {
                _ = try await connection.send(RedisCommand("HDEL", key, field))
            }
        } catch { throw DefinitionError(.unavailable, error.callerMessage, cause: error) }
        shown.withLock { $0 = broken }
    }
}
