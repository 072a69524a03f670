import Models
import Testing

@testable import Expressions

/// What an expression comes to whatever the facts turn out to be that are not known yet.
@Suite("Expressions without all facts")
struct UnknownFactsTests {
    private func value(_ text: String, zone isZoneUnknown: Bool = false) throws -> Value? {
        var scope = ExpressionScope()
        for event in ["old", "new"] { scope.events[event] = .any }
        scope.actions["sms"] = .any
        scope.hasJourney = true
        scope.audiences = ["gold"]
        var facts = EvaluationValues(now: 0)
        facts.events = ["old": ["id": "a", "n": 1], "new": ["id": "b"]]
        facts.actions = ["sms": ["id": "a"]]
        facts.profile = ["tier": "gold"]
        facts.audiences = ["gold"]
        var unknown = UnknownFacts()
        unknown.events = ["old"]
        unknown.actions = ["sms"]
        unknown.isZoneUnknown = isZoneUnknown
        return try Expression.compile(text, in: scope).evaluate(in: facts, without: unknown)
    }

    @Test(
        "What depends on one of them has no value",
        arguments: [
            "@event{old.id} == 'a'", "@action{sms.id} == 'a'", "#{profile.tier} == 'gold'", "inAudience('gold')",
            "random() < 2", "@journey{lastErrorCode} is null", "@event{old.n} + 1 == 2",
            "@event{old.id} is null", "@event{old.id} == @event{new.id}",
            "@event{new.id} == 'b' and @event{old.id} == 'a'", "@event{new.id} == 'c' or @event{old.id} == 'a'",
            "not (@event{old.id} == 'a')", "if (@event{old.id} == 'a') then (true) else (false)",
        ])
    func unknown(text: String) throws { #expect(try value(text) == nil) }

    @Test(
        "What is decided without them has its value",
        arguments: [
            ("@event{new.id} == 'b'", true), ("@event{new.id} == 'c'", false),
            ("@event{old.id} == 'a' and @event{new.id} == 'c'", false),
            ("@event{new.id} == 'c' and @event{old.id} == 'a'", false),
            ("@event{old.id} == 'a' or @event{new.id} == 'b'", true),
            ("if (@event{old.id} == 'a') then (false) else (false)", false), ("now() == now()", true),
            ("@journey{profileId} is null", true),
        ])
    func known(text: String, expected: Bool) throws { #expect(try value(text) == .boolean(expected)) }

    @Test("The time is known, unless its zone may be another")
    func zone() throws {
        #expect(try value("now() == now()") == .boolean(true))
        #expect(try value("now() == now()", zone: true) == nil)
    }
}
