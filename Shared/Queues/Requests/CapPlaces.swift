import Models
import Redis

/// Places among the first so many people that a path of a version takes: `{sj:config}:cap:<name>`, a set of instances.
///
/// Exact over all partitions and processes, as all of one name lie in one place; asking twice is asking once. The names
/// under which places were taken are `{sj:config}:caps`.
package struct CapPlaces: Sendable {
    private let redis: RedisClient
    private let keys: QueueKeys

    package init(redis: RedisClient, keys: QueueKeys) {
        self.redis = redis
        self.keys = keys
    }

    /// Whether each has a place, in their order. After an error some may be taken; asking again tells.
    package func take(_ places: [FetchRequest.Place]) async throws(QueueError) -> [Bool] {
        var answers: [Bool] = []
        for place in places {
            let key = key(place.name)
            do throws(RedisError) {
                let reply = try await redis.node(forKey: key).run(
                    QueueScript.takePlace, keys: [key, index], arguments: [place.instance, place.limit, place.name])
                answers.append(try reply.requireInteger() == 1)
            } catch { throw QueueError(error) }
        }
        return answers
    }
    /// Of a test or dry run, `<run>:<journey>:<version>:<node>:<path>`; else the same without the run.
    package struct Name: Sendable, Hashable {
        /// As it stands in the key.
        package let text: String
        package let run: String?
        package let journey: String
        package let version: Int64

        /// Nil for what is no such name.
        init?(_ text: String) {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 4 || parts.count == 5, let version = Int64(parts[parts.count - 3]) else { return nil }
            self.text = text
            run = parts.count == 5 ? parts[0] : nil
            journey = parts[parts.count - 4]
            self.version = version
        }
    }

    /// The names under which places were taken and not forgotten since.
    package func names() async throws(RedisError) -> [Name] {
        let reply = try await redis.node(forKey: index).send(RedisCommand("SMEMBERS", index))
        return try reply.requireArray().compactMap { $0.text.flatMap(Name.init) }.sorted { $0.text < $1.text }
    }

    /// Forgets the places taken under these names. One that is asked for later is taken anew. Safe to repeat.
    package func forget(_ names: [Name]) async throws(RedisError) {
        for start in stride(from: 0, to: names.count, by: Self.forgottenMax) {
            let piece = names[start..<min(start + Self.forgottenMax, names.count)].map(\.text)
            _ = try await redis.node(forKey: index).run(
                QueueScript.forgetPlaces, keys: [index] + piece.map(key), arguments: piece)
        }
    }

    /// Names of one call.
    private static let forgottenMax = 500

    private var index: String { keys.config("caps") }

    private func key(_ name: String) -> String { keys.config("cap:\(name)") }
}
