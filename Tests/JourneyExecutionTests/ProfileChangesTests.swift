import Audiences
import Expressions
import Models
import Testing

@testable import JourneyExecution
@testable import Queues

@Suite("Profiles that journeys update")
struct ProfileChangesTests {
    private static let person = Person(namespace: "crmId", id: "42")
    private static let key = person.key

    private func batch() -> CommitBatch {
        CommitBatch(
            keys: QueueKeys().partition(0), fence: 1, previousCommit: 0, time: 100, lastStep: 0, trim: 0)
    }

    private func rules() throws -> AudienceRules {
        let gold = try AudienceDefinition(["name": "gold", "rule": "tier == \"gold\"", "ruleRevision": 3])
        return AudienceRules([gold], profile: .any, changes: 7)
    }

    private func profile(_ attributes: JSONObject) -> [String: ProfileDocument] {
        [Self.key: ProfileDocument(person: Self.person, attributes: attributes, revision: 4, updatedAt: 1)]
    }

    @Test("Whoever is only read is not written")
    func unchanged() throws {
        let changes = ProfileChanges(profile(["tier": "gold"]))
        #expect(changes[Self.key] == ["tier": "gold"])
        #expect(changes["crmId:nobody"] == [:])
        var batch = batch()
        changes.write(to: &batch, by: try rules(), now: 100)
        #expect(batch.isEmpty)
        #expect(batch.audiencesNumber == nil)
    }

    @Test("An update is seen by what follows in the batch, and written with the rules that it was judged by")
    func updated() throws {
        var changes = ProfileChanges(profile(["tier": "silver"]))
        changes.keep(["tier": "gold"], of: Self.key)
        changes.noteUpdate(of: Self.key, changes: 0)
        #expect(changes[Self.key] == ["tier": "gold"])
        var batch = batch()
        changes.write(to: &batch, by: try rules(), now: 100)
        #expect(!batch.isEmpty)
        #expect(batch.audiencesNumber == 7)
    }

    @Test("An update to what was there already writes nothing")
    func same() throws {
        var changes = ProfileChanges(profile(["tier": "silver"]))
        changes.keep(["tier": "silver"], of: Self.key)
        changes.noteUpdate(of: Self.key, changes: 0)
        var batch = batch()
        changes.write(to: &batch, by: try rules(), now: 100)
        #expect(batch.isEmpty)
    }

    @Test("The change that follows goes on in the longest chain of those that led to it", arguments: [[0], [4], [2, 7, 0]])
    func chain(numbers: [Int64]) throws {
        var changes = ProfileChanges(profile(["tier": "silver"]))
        changes.keep(["tier": "gold"], of: Self.key)
        for number in numbers { changes.noteUpdate(of: Self.key, changes: number) }
        var batch = batch()
        changes.write(to: &batch, by: try rules(), now: 100)
        let element = try #require(batch.memberships.first?.1.announcement)
        let stamped = Array("{\"at\":5,".utf8) + element.dropFirst()
        guard case .audience(let move) = try Stimulus(bytes: stamped).body else { return }
        #expect(move.chain == (numbers.max() ?? 0) + 1)
        #expect(move.audience == "gold" && move.change == .entered)
    }
}
