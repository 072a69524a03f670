import Models
import Queues
import Redis
import TestKit
import Testing

/// The stimulus that tells of a change, with an id of its own.
private func told(_ id: String) -> [UInt8] {
    AudienceMove(id: id, person: Person(namespace: "crmId", id: "7"), audience: "gold", change: .entered).element
}

private func document(_ revision: Int64, _ attributes: JSONObject = [:]) -> ProfileDocument {
    ProfileDocument(
        person: Person(namespace: "crmId", id: "7"), attributes: attributes, revision: revision, updatedAt: revision)
}

private func gold(_ isMember: Bool, _ id: String?, rule: Int64 = 1) -> Membership {
    Membership(audience: "gold", ruleRevision: rule, isMember: isMember, announcement: id.map(told))
}

@Suite("Memberships written with a profile")
struct MembershipTests {
    @Test("A profile moves its person in and out, each change told once and each repeat not at all")
    func inAndOut() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let store = ProfileStore(redis: fixture.redis, keys: fixture.keys, partitions: 1)
            let own = fixture.keys.partition(0)
            func write(_ revision: Int64, _ membership: Membership) async throws -> ProfileStore.WriteResult {
                try await store.write(document(revision), basedOn: revision - 1, memberships: [membership])
            }
            #expect(try await write(1, gold(true, "in")) == .written)
            #expect(try await write(1, gold(true, "in")) == .written)
            #expect(try await fixture.send("ZSCORE", own.audience("gold", 1), "crmId:7").requireText() == "0")
            #expect(try await fixture.send("ZSCORE", own.people, "crmId:7").requireText() == "0")
            #expect(try await write(2, gold(true, "again")) == .written)
            #expect(try await write(3, gold(false, "out")) == .written)
            #expect(try await write(3, gold(false, "out")) == .written)
            #expect(try await write(4, gold(false, "out again")) == .written)
            #expect(try await fixture.count("EXISTS", own.audience("gold", 1)) == 0)
            let inbox = try await fixture.inbox(0)
            #expect(inbox.map(\.id) == ["in", "out"])
            #expect(inbox.allSatisfy { $0.at > 0 })
        }
    }

    @Test("A write that was based on another revision changes no membership")
    func changed() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let store = ProfileStore(redis: fixture.redis, keys: fixture.keys, partitions: 1)
            #expect(try await store.write(document(1), basedOn: 0) == .written)
            #expect(try await store.write(document(3), basedOn: 2, memberships: [gold(true, "in")]) == .changed)
            #expect(try await fixture.inbox(0).isEmpty)
            #expect(try await fixture.count("EXISTS", fixture.keys.partition(0).audience("gold", 1)) == 0)
        }
    }

    @Test("Whoever has older rules than a partition knows is refused, and nothing changes")
    func outdated() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let store = ProfileStore(redis: fixture.redis, keys: fixture.keys, partitions: 1)
            let own = fixture.keys.partition(0)
            #expect(try await store.write(document(1), basedOn: 0, memberships: [], audiences: 5) == .written)
            #expect(try await fixture.field(own.state, "audiences") == "5")
            #expect(
                try await store.write(document(2), basedOn: 1, memberships: [gold(true, "in")], audiences: 4)
                    == .outdated)
            #expect(try await store.read(Person(namespace: "crmId", id: "7"))?.revision == 1)
            #expect(try await store.write(document(2), basedOn: 1, memberships: [], audiences: 6) == .written)
            #expect(try await fixture.field(own.state, "audiences") == "6")
            // What is there already needs no rules.
            #expect(try await store.write(document(2), basedOn: 1, memberships: [], audiences: 1) == .written)
        }
    }

    @Test("Changes of membership are told though the inbox is at its cap")
    func fullInbox() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let appender = fixture.appender { $0.inboxElementsMax = 2 }
            let entries = ["a", "b", "c"].map { InboxEntry(partition: 0, element: event($0)) }
            _ = try await appender.append(entries)
            #expect(try await fixture.inbox(0).count == 2)
            let store = ProfileStore(redis: fixture.redis, keys: fixture.keys, partitions: 1)
            #expect(try await store.write(document(1), basedOn: 0, memberships: [gold(true, "in")]) == .written)
            #expect(try await fixture.inbox(0).map(\.id) == ["a", "b", "in"])
        }
    }

    @Test("The engine's commit writes memberships likewise, once, and refuses older rules")
    func commit() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            _ = try await fixture.keeper("a").beat()
            let own = fixture.keys.partition(0)
            let committer = Committer(redis: fixture.redis, keys: fixture.keys)
            func batch(after previous: Int64, revision: Int64, _ isMember: Bool, rules: Int64) -> CommitBatch {
                var batch = CommitBatch(
                    keys: own, fence: 1, previousCommit: previous, time: 100, lastStep: 0, trim: 0)
                batch.expectProfile("crmId:7", revision: revision - 1)
                batch.setProfile("crmId:7", document(revision).bytes)
                batch.expectAudiences(rules)
                batch.setMembership(
                    audience: "gold", ruleRevision: 1, personKey: "crmId:7", isMember: isMember,
                    announcement: told("c\(revision)"))
                batch.setMembership(
                    audience: "other", ruleRevision: 9, personKey: "crmId:7", isMember: true, announcement: nil)
                return batch
            }
            func commit(_ batch: CommitBatch) async -> String { "\(await committer.commit([batch])[0])" }
            let first = batch(after: 0, revision: 1, true, rules: 3)
            #expect(await commit(first) == "committed")
            #expect(await commit(first) == "done")
            #expect(await commit(batch(after: 1, revision: 2, false, rules: 2)) == "changed")
            #expect(try await fixture.field(own.state, "commit") == "1")
            #expect(await commit(batch(after: 1, revision: 2, false, rules: 3)) == "committed")
            #expect(await commit(batch(after: 2, revision: 3, false, rules: 4)) == "committed")
            #expect(try await fixture.inbox(0).map(\.id) == ["c1", "c2"])
            #expect(try await fixture.count("ZCARD", own.audience("other", 9)) == 1)
            #expect(try await fixture.send("ZSCORE", own.people, "crmId:7").requireText() == "0")
            #expect(try await fixture.field(own.state, "audiences") == "4")
        }
    }
}

@Suite("Walks of audiences over everyone")
struct AudienceWalkTests {
    private struct Walk {
        let fixture: Fixture
        let walks: AudienceWalks

        init(_ fixture: Fixture, owner: String = "one") {
            self.fixture = fixture
            walks = AudienceWalks(redis: fixture.redis, keys: fixture.keys, owner: owner, lease: .seconds(30))
        }

        func run(
            _ before: String?, _ after: String?, earlier: [Int64] = [], audiences: Int64 = 1, isLast: Bool = false,
            _ members: [WalkPiece.Member] = []
        ) async throws -> WalkAnswer {
            try await walks.run(
                WalkPiece(
                    partition: 0, audience: "gold", ruleRevision: 2, earlier: earlier, audiences: audiences,
                    before: before, after: after, isLast: isLast, members: members))
        }
    }

    private func member(_ id: String, _ isMember: Bool, revision: Int64 = 1, told id2: String? = nil)
        -> WalkPiece.Member
    {
        WalkPiece.Member(
            personKey: "crmId:" + id, profileRevision: revision, isMember: isMember, announcement: id2.map(told))
    }

    private func write(_ fixture: Fixture, _ id: String, revision: Int64 = 1) async throws {
        let profile = ProfileDocument(
            person: Person(namespace: "crmId", id: id), attributes: [:], revision: revision, updatedAt: 1)
        _ = try await fixture.send(
            "SET", fixture.keys.partition(0).profile("crmId:" + id), String(decoding: profile.bytes, as: UTF8.self))
    }

    private func members(_ fixture: Fixture, rule: Int64 = 2) async throws -> [String] {
        try await fixture.send("ZRANGE", fixture.keys.partition(0).audience("gold", rule), "0", "-1").requireArray()
            .compactMap(\.text)
    }

    @Test("A piece writes memberships and its progress at once; repeated it is elsewhere and changes nothing")
    func piece() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            for id in ["1", "2", "3"] { try await write(fixture, id) }
            let walk = Walk(fixture)
            #expect(try await walk.run(nil, "begun") == .done(inbox: 0))
            let people = [
                member("1", true, told: "e1"), member("2", false, told: "x2"), member("3", true),
                member("4", false, revision: 0),
            ]
            #expect(try await walk.run("begun", "further", people) == .done(inbox: 1))
            #expect(try await walk.run("begun", "further", people) == .elsewhere)
            #expect(try await walk.walks.progress([(0, "gold"), (0, "none")]) == ["further", nil])
            #expect(try await members(fixture) == ["crmId:1", "crmId:3"])
            #expect(try await fixture.inbox(0).map(\.id) == ["e1"])
            #expect(try await walk.run("further", nil) == .done(inbox: 1))
            #expect(try await walk.walks.noted(in: 0).walks.isEmpty)
        }
    }

    @Test("Whose profile changed meanwhile is left to be read again, and the walk stays")
    func changed() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            try await write(fixture, "1")
            try await write(fixture, "2", revision: 2)
            let walk = Walk(fixture)
            let people = [member("1", true), member("2", true), member("3", true)]
            #expect(try await walk.run(nil, "a", people) == .changed(places: [1, 2]))
            #expect(try await members(fixture) == ["crmId:1"])
            #expect(try await walk.walks.progress([(0, "gold")]) == [nil])
            #expect(try await walk.run(nil, "a", [member("2", true, revision: 2)]) == .done(inbox: 0))
            #expect(try await members(fixture) == ["crmId:1", "crmId:2"])
        }
    }

    @Test("One process walks a partition; another takes over where the lease was given back")
    func lease() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let one = Walk(fixture), other = Walk(fixture, owner: "other")
            #expect(try await one.run(nil, "a") == .done(inbox: 0))
            #expect(try await other.run("a", "b") == .leased)
            try await other.walks.giveBack(0)
            #expect(try await other.run("a", "b") == .leased)
            try await one.walks.giveBack(0)
            #expect(try await other.run("a", "b") == .done(inbox: 0))
            #expect(try await fixture.count("PTTL", "{sj:0}:lease:audience-walk") > 0)
        }
    }

    @Test("A walk with older rules than the partition knows is refused")
    func outdated() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let walk = Walk(fixture)
            #expect(try await walk.run(nil, "a", audiences: 8) == .done(inbox: 0))
            #expect(try await walk.run("a", "b", audiences: 7) == .outdated)
            #expect(try await walk.walks.progress([(0, "gold")]) == ["a"])
        }
    }

    @Test("A changed rule tells the difference to the earlier one, and its last piece removes what is left of that")
    func changedRule() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let own = fixture.keys.partition(0)
            for id in ["stays", "leaves", "comes", "never"] {
                try await write(fixture, id)
                if id == "stays" || id == "leaves" {
                    _ = try await fixture.send("ZADD", own.audience("gold", 1), "0", "crmId:" + id)
                }
            }
            _ = try await fixture.send("ZADD", own.audience("gold", 1), "0", "crmId:unseen")
            let walk = Walk(fixture)
            let people = [
                member("stays", true, told: "s"), member("leaves", false, told: "l"), member("comes", true, told: "c"),
                member("never", false, told: "n"),
            ]
            #expect(try await walk.run(nil, "a", earlier: [1], people) == .done(inbox: 2))
            #expect(try await fixture.inbox(0).map(\.id) == ["l", "c"])
            #expect(try await members(fixture) == ["crmId:comes", "crmId:stays"])
            #expect(try await members(fixture, rule: 1) == ["crmId:unseen"])
            #expect(try await walk.run("a", "end", earlier: [1], isLast: true) == .done(inbox: 2))
            #expect(try await fixture.count("EXISTS", own.audience("gold", 1)) == 0)
        }
    }

    @Test("Members are listed by name, page by page")
    func list() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let sets = AudienceSets(redis: fixture.redis, keys: fixture.keys, partitions: 2)
            for number in 0..<5 {
                _ = try await fixture.send(
                    "ZADD", fixture.keys.partition(1).audience("gold", 1), "0", "crmId:\(number)")
            }
            #expect(try await sets.count("gold", ruleRevision: 1) == 5)
            let first = try await sets.members(of: "gold", ruleRevision: 1, in: 1, after: nil, count: 3)
            #expect(first.map(\.id) == ["0", "1", "2"])
            let rest = try await sets.members(of: "gold", ruleRevision: 1, in: 1, after: first.last?.key, count: 3)
            #expect(rest.map(\.id) == ["3", "4"])
        }
    }
}
