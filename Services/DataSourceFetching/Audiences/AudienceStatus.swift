import Audiences
import Models
import Queues
import Redis

/// How far the evaluation of an audience is, over all partitions.
struct AudienceStatus: Sendable {
    let book: AudienceBook
    let evaluations: AudienceEvaluations
    let sets: AudienceSets
    let walks: AudienceWalks
    let partitions: Int

    /// `{"state":"running","done":400,"total":1000}`; nil where there is no such audience, or none that can be
    /// evaluated. States: waiting, running, done.
    func evaluation(of audience: String) async throws(QueueError) -> JSONValue? {
        guard let rule = book.rules[audience] else { return nil }
        let requests: [String: AudienceEvaluations.Request]
        do { requests = try await evaluations.requests() } catch {
            throw QueueError(.unavailable, "Evaluations could not be read", cause: error)
        }
        let ask = evaluations.ask(rule, requests[audience])
        var done: Int64 = 0, total: Int64 = 0, begun = 0, finished = 0
        let known = try await walks.progress((0..<partitions).map { ($0, audience) })
        for (partition, text) in known.enumerated() {
            let progress = WalkProgress(text)
            switch ask.step(progress) {
            case .begin, .outdated: total += try await sets.peopleCount(in: partition)
            case .goOn, .nothing:
                guard let progress else { continue }
                begun += 1
                finished += ask.step(progress) == .nothing ? 1 : 0
                done += progress.done
                // People come while the walk is under way.
                total += max(progress.total, progress.done)
            }
        }
        let state = finished == partitions ? "done" : begun > 0 ? "running" : "waiting"
        return ["state": .string(state), "done": .integer(done), "total": .integer(total)]
    }

    /// How many members there are by the rule in force.
    func memberCount(of audience: String) async throws(QueueError) -> Int64 {
        guard let rule = book.rules[audience] else { return 0 }
        return try await sets.count(audience, ruleRevision: rule.revision)
    }

    /// Members by partition and name, from the cursor on.
    func members(
        of audience: String, after cursor: String?, limit: Int
    ) async throws(QueueError) -> (items: [Person], cursor: String?) {
        guard let rule = book.rules[audience] else { return ([], nil) }
        var place = ProfileCursor(cursor)
        var items: [Person] = []
        while place.partition < partitions {
            let page = try await sets.members(
                of: audience, ruleRevision: rule.revision, in: place.partition, after: place.member,
                count: limit - items.count)
            items += page
            if items.count >= limit {
                place.member = page.last?.key
                return (items, place.text)
            }
            place = ProfileCursor(partition: place.partition + 1)
        }
        return (items, nil)
    }
}
