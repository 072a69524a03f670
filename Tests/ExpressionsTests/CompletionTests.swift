import Models
import Testing

@testable import Expressions

@Suite("Completion")
struct CompletionTests {
    static let scope: ExpressionScope = {
        var scope = (try? World.scope()) ?? ExpressionScope()
        scope.audiences = ["vips", "it's new"]
        scope.sources["loyalty"] = [
            "account": .init(
                shape: Shape(fields: ["tier": .string, "points": .integer]), parameters: ["memberId", "x y"],
                optional: ["x y"])
        ]
        return scope
    }()

    /// The answer with the cursor where the text has a `|`.
    private func complete(_ text: String, expects: ValueType? = nil, bare: Bool = false) -> Completion {
        var scope = Self.scope
        scope.expects = expects
        scope.barePathsAreProfile = bare
        let parts = text.split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false)
        return Completion(parts.joined(), cursor: parts[0].utf16.count, in: scope)
    }

    /// The text after the first item with this label was chosen.
    private func chosen(_ text: String, _ label: String, bare: Bool = false) -> String? {
        let completion = complete(text, bare: bare)
        guard let item = completion.items.first(where: { $0.label == label }) else { return nil }
        var units = Array(text.replacing("|", with: "").utf16)
        units.replaceSubrange(completion.from..<completion.to, with: item.insert.utf16)
        return String(decoding: units, as: UTF16.self)
    }

    @Test(
        "An item takes the place of the word at the cursor",
        arguments: [
            ("@event{|", "order", "@event{order"), ("@event{ord|er.total} > 1", "order", "@event{order.total} > 1"),
            ("@{order.|", "total", "@{order.total"), ("@event{order.to|tal}", "total", "@event{order.total}"),
            ("@event{order.customer.|}", "first-name", "@event{order.customer.first-name}"),
            ("#{profile.|}", "3h", "#{profile.'3h'}"), ("#{profile.'3|h'} == 5", "3h", "#{profile.'3h'} == 5"),
            ("#{profile.'3|", "3h", "#{profile.'3h'"), ("#{|", "loyalty", "#{loyalty"),
            ("#{loyalty.|", "account", "#{loyalty.account"),
            ("#{loyalty.account.po|", "points", "#{loyalty.account.points"),
            ("#{loyalty.account.tier, |", "params", "#{loyalty.account.tier, params: {"),
            ("#{loyalty.account.tier, params: {|", "memberId", "#{loyalty.account.tier, params: {memberId: "),
            (
                "#{loyalty.account.tier, params: {memberId: 1, |}}", "x y",
                "#{loyalty.account.tier, params: {memberId: 1, 'x y': }}"
            ),
            ("@action{sms.|", "jo_status_code", "@action{sms.jo_status_code"),
            ("@journey{journey|", "journeyUID", "@journey{journeyUID"),
            ("@event{order.items.|", "all", "@event{order.items.all("),
            ("@event{order.items.fi|(true)}", "first", "@event{order.items.first(true)}"),
            ("@event{order.items.all(curr|", "currentEventField", "@event{order.items.all(currentEventField"),
            ("@event{order.items.all(currentEventField.|", "price", "@event{order.items.all(currentEventField.price"),
            ("@event{order.items.first(true).|", "sku", "@event{order.items.first(true).sku"),
            ("@event{order.prices.entry(\"|", "USD", "@event{order.prices.entry(\"USD"),
            ("1 + rou|", "round", "1 + round("), ("1 + rou|(2)", "round", "1 + round(2)"),
            ("inAudience(\"v|", "vips", "inAudience(\"vips"), ("inAudience(\"v|ip\")", "vips", "inAudience(\"vips\")"),
            ("inAudience('|')", "it's new", "inAudience('it\\'s new')"),
            ("inAudience(|)", "vips", "inAudience(\"vips\")"),
            ("now(\"Europe/P|", "Europe/Paris", "now(\"Europe/Paris"),
            ("now(\"par|\")", "Europe/Paris", "now(\"Europe/Paris\")"),
            ("nowWithDelta(1, \"|\")", "months", "nowWithDelta(1, \"months\")"),
            ("length(|", "#{profile}", "length(#{profile."), ("@eve|", "@event{order}", "@event{order."),
            ("tier|", "#{profile.tier}", "#{profile.tier}"), ("1 == 2 a|", "and", "1 == 2 and "),
            ("#{profile.tier} |", "==", "#{profile.tier} == "), ("#{profile.numbers} has n|", "null", nil),
            ("\"é👩‍👩‍👧\" + low|", "lower", "\"é👩‍👩‍👧\" + lower("),
            ("(((@event{order.items.at(0).pr|", "price", "(((@event{order.items.at(0).price"),
            ("] } ) @event{order.to|", "total", "] } ) @event{order.total"),
            ("#{ExperiencePlatform.|", "ProfileFieldGroup", "#{ExperiencePlatform.ProfileFieldGroup"),
            (
                "#{ExperiencePlatform.ExperienceEventFieldGroup.experienceevent.first(currentDataPackField.|", "page",
                "#{ExperiencePlatform.ExperienceEventFieldGroup.experienceevent.first(currentDataPackField.page"
            ),
        ] as [(String, String, String?)])
    func insertion(text: String, label: String, result: String?) {
        #expect(chosen(text, label) == result)
    }

    @Test("Bare paths mean the profile in audiences")
    func barePaths() {
        #expect(chosen("ti|", "tier", bare: true) == "tier")
        #expect(chosen("address.|", "city", bare: true) == "address.city")
        #expect(
            chosen("orders.first(currentDataPackField.st|", "state", bare: true)
                == "orders.first(currentDataPackField.state")
    }

    @Test(
        "What fits the type that is needed comes first",
        arguments: [
            ("@event{order.total} > @event{order.|", "count"), ("@event{order.total} > #{profile.|", "3h"),
            ("#{profile.tier} == @event{order.|", "at"), ("length(@event{order.|", "at"),
            ("not @event{order.|", "gift"), ("@event{order.gift} and @event{order.|", "gift"),
        ])
    func order(text: String, first: String) {
        #expect(complete(text).items.first?.label == first)
    }

    @Test("The needed type of the whole expression counts too")
    func expects() {
        #expect(complete("@event{order.|", expects: .boolean).items.first?.label == "gift")
    }

    @Test("Items carry type, documentation and signature")
    func details() throws {
        let round = try #require(complete("round|").items.first { $0.label == "round" })
        #expect(round.kind == .function && round.signature?.hasPrefix("round(") == true)
        #expect(round.documentation?.isEmpty == false)
        let total = try #require(complete("@event{order.total|").items.first)
        #expect(total.type == .decimal && total.kind == .field)
        let noted = Completion("@event{order.", cursor: 13, in: Self.scope) { $0.joined(separator: "/") }
        #expect(noted.items.first { $0.label == "total" }?.documentation == "event/order/total")
    }

    @Test(
        "Nothing is offered where nothing can stand",
        arguments: ["-- not|", "12|", "\"some te|", "@event{nothing.|", "@event{order.total.|", "1 == 2 -- |"])
    func nothing(text: String) {
        #expect(complete(text).items.isEmpty)
    }

    @Test("No more than two hundred are offered, and it is said that there are more")
    func bounds() {
        let completion = complete("now(\"|")
        #expect(completion.items.count == Completion.itemsMax && completion.hasMore)
        #expect(!complete("now(\"Europe/Par|").hasMore)
    }

    @Test("A cursor beyond the text is its end, one inside a character its begin", arguments: [-5, 0, 1, 2, 3, 99])
    func cursors(cursor: Int) {
        let completion = Completion("👩lo", cursor: cursor, in: Self.scope)
        #expect((0...4).contains(completion.from) && completion.from <= completion.to && completion.to <= 4)
    }
}
