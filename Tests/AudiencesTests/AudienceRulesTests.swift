import Expressions
import Models
import Testing

@testable import Audiences

@Suite("The rules of audiences")
struct AudienceRulesTests {
    static func definition(_ name: String, _ rule: String, revision: Int64 = 1) throws -> AudienceDefinition {
        try AudienceDefinition(
            ["name": .string(name), "rule": .string(rule), "ruleRevision": .integer(revision), "revision": 1])
    }

    private func rules(_ pairs: [(String, String)], profile: Shape = .any) throws -> AudienceRules {
        AudienceRules(
            try pairs.enumerated().map {
                try Self.definition($0.element.0, $0.element.1, revision: Int64($0.offset + 1))
            },
            profile: profile, changes: 7)
    }

    @Test(
        "A rule over the profile says who is a member",
        arguments: [
            (#"loyalty.tier == "gold""#, #"{"loyalty":{"tier":"gold"}}"#, true),
            (#"#{profile.loyalty.tier} == "gold""#, #"{"loyalty":{"tier":"gold"}}"#, true),
            (#"loyalty.tier == "gold""#, #"{"loyalty":{"tier":"silver"}}"#, false),
            (#"loyalty.tier == "gold""#, "{}", false),
            ("points > 10", #"{"points":"many"}"#, false),
            (#"not inAudience("other")"#, "{}", true),
            (#"inAudience("other") and points > 1"#, #"{"points":2,"other":true}"#, true),
        ])
    func membership(rule: String, profile: String, expected: Bool) throws {
        let rules = try rules([("subject", rule), ("other", "other == true")])
        #expect(rules.unusable.isEmpty)
        let profile = try #require(try JSONValue.parse(profile).objectValue)
        #expect(rules.isMember("subject", profile, now: 0) == expected)
        #expect(!rules.isMember("nobody", profile, now: 0))
    }

    @Test("Time decides where a rule asks for it")
    func time() throws {
        let rules = try rules([("old", #"toDateTime(seen) < nowWithDelta(-30, "days")"#), ("calm", "points > 1")])
        #expect(rules["old"]?.usesNow == true)
        #expect(rules["calm"]?.usesNow == false)
        let profile: JSONObject = ["seen": "2026-01-01T00:00:00Z"]
        let seen: Int64 = 1_767_225_600_000
        #expect(!rules.isMember("old", profile, now: seen + 29 * 86_400_000))
        #expect(rules.isMember("old", profile, now: seen + 31 * 86_400_000))
    }

    @Test("Only audiences whose rules read a changed path are looked at, through the audiences that they name too")
    func changes() throws {
        let rules = try rules([
            ("gold", #"loyalty.tier == "gold""#), ("adult", "age >= 18"), ("both", #"inAudience("gold") and age > 0"#),
        ])
        let old: JSONObject = ["loyalty": ["tier": "silver", "points": 1], "age": 20]
        func names(_ new: JSONObject) -> [String] { rules.changes(from: old, to: new, now: 0).map(\.audience) }
        #expect(names(old) == [])
        #expect(names(["loyalty": ["tier": "silver", "points": 2], "age": 20]) == [])
        #expect(names(["loyalty": ["tier": "gold", "points": 1], "age": 20]) == ["both", "gold"])
        #expect(names(["loyalty": ["tier": "silver", "points": 1], "age": 17]) == ["adult", "both"])
        #expect(names(["age": 20]) == ["both", "gold"])
        let changed = rules.changes(from: old, to: ["loyalty": ["tier": "gold"], "age": 20], now: 0)
        #expect(changed.map(\.isMember) == [true, true])
        #expect(changed.map(\.isTold) == [true, true])
        #expect(changed.map(\.ruleRevision) == [3, 1])
    }

    @Test("A profile that is new is looked at by every audience, as its person was a member of nothing")
    func newProfile() throws {
        let rules = try rules([("gold", #"tier == "gold""#), ("others", #"not inAudience("gold")"#)])
        let made = rules.changes(from: nil, to: ["name": "Ada"], now: 0)
        #expect(made.map(\.audience) == ["gold", "others"])
        #expect(made.map(\.isMember) == [false, true])
        #expect(made.map(\.isTold) == [false, true])
    }

    @Test("What the rule said before as well is written and told to nobody")
    func silent() throws {
        let rules = try rules([("rich", "points > 10")])
        let changes = rules.changes(from: ["points": 20], to: ["points": 30], now: 0)
        #expect(changes == [MembershipChange(audience: "rich", ruleRevision: 1, isMember: true, isTold: false)])
    }

    @Test("A list on the way is compared as a whole")
    func lists() throws {
        let rules = try rules([("buyers", #"orders.total.first(currentDataPackField > 5) is not null"#)])
        guard rules.unusable.isEmpty else {
            Issue.record("\(rules.unusable)")
            return
        }
        let old: JSONObject = ["orders": [["total": 1]]]
        #expect(rules.changes(from: old, to: ["orders": [["total": 1], ["total": 9]]], now: 0).count == 1)
        #expect(rules.changes(from: old, to: ["orders": [["total": 1]], "name": "Ada"], now: 0).isEmpty)
    }

    @Test("A rule's revision is the newest of its own and those that it names")
    func revisions() throws {
        let rules = try rules([
            ("a", #"inAudience("b")"#), ("b", #"inAudience("c")"#), ("c", "x == 1"), ("d", "x == 1"),
        ])
        #expect(rules["a"]?.revision == 3)
        #expect(rules["b"]?.revision == 3)
        #expect(rules["d"]?.revision == 4)
    }

    @Test("Stored rules that go round in a circle, or do not compile, have no members")
    func unusable() throws {
        let rules = try rules([
            ("a", #"inAudience("b")"#), ("b", #"inAudience("a")"#), ("c", "x =="), ("d", #"not inAudience("c")"#),
        ])
        #expect(Set(rules.unusable.keys) == ["a", "b", "c"])
        #expect(rules.isMember("d", [:], now: 0))
        #expect(!rules.isMember("a", [:], now: 0))
    }

    @Test("An audience that many others name is evaluated once")
    func shared() throws {
        // Without the memory of answers this is 2 to the 20th evaluations.
        let chain = (1...20).map { ("a\($0)", #"inAudience("a\#($0 - 1)") or inAudience("a\#($0 - 1)")"#) }
        let rules = try rules([("a0", "x == 1")] + chain)
        let began = ContinuousClock.now
        #expect(!rules.isMember("a20", ["x": 2], now: 0))
        #expect(ContinuousClock.now - began < .seconds(2))
    }
}

@Suite("What the rule of an audience may be")
struct AudienceCheckTests {
    private func problems(
        _ rule: String, stored: [(String, String)] = [], profile: Shape = .any
    ) async throws -> [String] {
        let check = AudienceCheck(try AudienceRulesTests.definition("gold", rule), profile: profile)
        let known = Dictionary(
            uniqueKeysWithValues: try stored.map { ($0.0, try AudienceRulesTests.definition($0.0, $0.1)) })
        return await check.problems { name in known[name] }.map(\.message)
    }

    @Test("A rule that is fine has no problem, nested ones included")
    func fine() async throws {
        #expect(try await problems("points > 3") == [])
        let stored = [("b", #"inAudience("c")"#), ("c", "x == 1")]
        #expect(try await problems(#"inAudience("b") and inAudience("c")"#, stored: stored) == [])
    }

    @Test("A circle is refused by the names on its way")
    func circle() async throws {
        let stored = [("b", #"inAudience("c")"#), ("c", #"inAudience("gold")"#)]
        #expect(
            try await problems(#"inAudience("b")"#, stored: stored)
                == ["goes round in a circle: gold, b, c, gold"])
        #expect(try await problems(#"inAudience("gold")"#) == ["goes round in a circle: gold, gold"])
    }

    @Test(
        "Anything but a condition over the profile and the time is refused",
        arguments: [
            ("1 + 1", "boolean"), ("points >", "line 1"), ("random() > 0.5", "random"),
            (#"inAudience("nobody")"#, "there is no audience nobody"),
            ("#{loyalty.account.tier} == 1", "loyalty"), ("@event{order.total} > 1", "order"),
            (#"@journey{profileId} == "1""#, "journey"),
        ])
    func refused(rule: String, word: String) async throws {
        let found = try await problems(rule)
        #expect(found.count == 1)
        #expect(found.first?.contains(word) == true, "\(found)")
    }

    @Test("A field that the profile schema does not have is refused")
    func unknownField() async throws {
        let shape = Shape(fields: ["tier": .string])
        #expect(try await problems(#"tier == "gold""#, profile: shape) == [])
        #expect(try await problems(#"teir == "gold""#, profile: shape).count == 1)
        #expect(try await problems("tier > 3", profile: shape).count == 1)
    }
}
