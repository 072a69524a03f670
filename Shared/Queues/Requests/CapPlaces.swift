import Models
import Redis

/// Places among the first so many people that a path of a version takes: `{sj:config}:cap:<name>`, a set of instances.
///
/// Exact over all partitions and processes, as all of one name lie in one place; asking twice is asking once.
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
            let key = keys.config("cap:\(place.name)")
            do throws(RedisError) {
                let reply = try await redis.node(forKey: key).run(
                    QueueScript.takePlace, keys: [key], arguments: [place.instance, place.limit])
                answers.append(try reply.requireInteger() == 1)
            } catch { throw QueueError(error) }
        }
        return answers
    }
}
