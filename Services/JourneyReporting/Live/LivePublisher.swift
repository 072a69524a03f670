import Logging
import Models
import Queues
import Redis
import ServiceLifecycle

/// Publishes the live report of each journey that somebody watches: when it changed, and once a second anyhow, as the
/// last minute goes on.
///
/// `{sj:config}:watching` is a sorted set: journeys, by the time (ms) until which somebody watches. Whoever shows a
/// journey renews its entry.
struct LivePublisher: Service {
    /// Between two looks, and so between two messages of a journey.
    static let every: Duration = .milliseconds(250)
    static let unchangedEveryMilliseconds: Int64 = 900
    /// Journeys published at once; those that are watched the longest.
    static let journeysMax = 200

    let redis: RedisClient
    let keys: QueueKeys
    let report: LiveReport
    let leader: DrainLeader
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var published: [String: Int64] = [:]
            var isAway = false
            while !Task.isCancelled {
                try? await Task.sleep(for: Self.every)
                guard leader.leads else { continue }
                do {
                    published = try await publish(published)
                    isAway = false
                } catch {
                    if !isAway {
                        logger.warning("Live figures cannot be published", metadata: ["error": "\(error)"])
                    }
                    isAway = true
                }
            }
        }
    }

    /// - Parameter published: when each journey was published last.
    private func publish(_ published: [String: Int64]) async throws -> [String: Int64] {
        let now = report.clock()
        let key = keys.config("watching")
        let node = redis.node(forKey: key)
        let reply = try await node.send(
            RedisCommand("ZRANGEBYSCORE", key, now, "+inf", "LIMIT", 0, Self.journeysMax))
        let watched = (reply.elements ?? []).compactMap(\.text)
        let changed = report.board.takeChanged()
        var next: [String: Int64] = [:]
        for journey in watched {
            let last = published[journey] ?? 0
            guard changed.contains(journey) || now - last >= Self.unchangedEveryMilliseconds else {
                next[journey] = last
                continue
            }
            next[journey] = now
            guard let sums = try await report.report(of: journey) else { continue }
            _ = try await node.send(RedisCommand("PUBLISH", keys.live(journey), JSONValue.object(sums).bytes))
        }
        // Entries of those who went without a word.
        if watched.isEmpty, !published.isEmpty {
            _ = try await node.send(RedisCommand("ZREMRANGEBYSCORE", key, 0, now))
        }
        return next
    }
}
