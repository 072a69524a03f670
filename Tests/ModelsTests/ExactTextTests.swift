import Testing

@testable import Models

@Suite("Texts by their bytes, people by their composed ids")
struct ExactTextTests {
    /// Swift's `==` takes each pair for the same.
    static let alike: [(String, String)] = [
        ("\u{E9}", "e\u{301}"), ("\u{212B}", "\u{C5}"), ("K", "\u{212A}"), ("a\u{323}\u{301}", "a\u{301}\u{323}"),
        ("\u{AC01}", "\u{1100}\u{1161}\u{11A8}"), (";", "\u{37E}"), ("Jos\u{E9}\u{E9}n", "Jose\u{301}\u{E9}n"),
    ]

    @Test("Texts that only look alike are two, in each place that compares", arguments: alike)
    func apart(one: String, other: String) throws {
        #expect(one == other, "the pair shows nothing where Swift tells it apart")
        #expect(!one.hasBytes(of: other) && one.hasBytes(of: String(decoding: Array(one.utf8), as: UTF8.self)))
        #expect(ExactText(one) != ExactText(other) && Set([ExactText(one), ExactText(other)]).count == 2)
        #expect(one.byteOrder(to: other) == -other.byteOrder(to: one) && one.byteOrder(to: other) != 0)
        #expect(one.byteOrder(to: one) == 0)
        #expect(JSONValue.string(one) != .string(other) && JSONValue.string(one) == .string(one))
        #expect(Set<JSONValue>([.string(one), .string(other), .string(one)]).count == 2)
        for surplus in [0, 40] {
            var object = JSONObject((0..<surplus).map { ("k\($0)", .integer(0)) })
            object[one] = 1
            #expect(object[other] == nil && object.contains(one) && !object.contains(other))
            object[other] = 2
            #expect(object.count == surplus + 2 && object[one] == 1 && object[other] == 2)
            #expect(object.removing(one)[other] == 2 && object.removing(one)[one] == nil)
            #expect(JSONObject([(one, .integer(1))]) != JSONObject([(other, .integer(1))]))
            let text = JSONValue.object(object).text
            #expect(try JSONValue.parse(text) == .object(object))
        }
        #expect(throws: JSONError.self) { try JSONValue.parse("{\"\(one)\":1,\"\(one)\":2}") }
    }

    @Test("An id has one spelling, whatever the door it comes by, and a key that reads back", arguments: alike)
    func composed(one: String, other: String) throws {
        let person = Person(namespace: "crmId", id: one), same = Person(namespace: "crmId", id: other)
        #expect(person == same && Set([person, same]).count == 1)
        #expect(person.id.hasBytes(of: same.id) && person.key.hasBytes(of: same.key))
        #expect(person.partition(of: 256) == same.partition(of: 256))
        #expect(Person(key: person.key) == person)
        let spaced = Person(namespace: one, id: "a b"), other = Person(namespace: other, id: "a b")
        #expect(spaced.key.hasBytes(of: other.key))
    }

    @Test(
        "The composed form is that of Unicode (UAX 15)",
        arguments: [
            ("e\u{301}", "\u{E9}"), ("\u{1E0A}\u{323}", "\u{1E0C}\u{307}"), ("\u{212B}", "\u{C5}"),
            ("\u{958}", "\u{915}\u{93C}"), ("\u{1100}\u{1161}\u{11A8}", "\u{AC01}"), ("\u{1E9B}\u{323}", "\u{1E9B}\u{323}"),
            ("ascii", "ascii"), ("", ""), ("\u{FB01}", "\u{FB01}"), ("👨‍👩‍👧", "👨‍👩‍👧"), ("ملف", "ملف"),
        ])
    func normalForm(text: String, expected: String) {
        #expect(text.composed.hasBytes(of: expected), "\(Array(text.composed.utf8))")
        #expect(text.composed.composed.hasBytes(of: expected))
    }

    @Test("Ids that differ in more than their spelling stay two", arguments: [("a", "A"), ("\u{FB01}", "fi"), ("42", "042"), ("", " ")])
    func two(one: String, other: String) {
        #expect(Person(namespace: "crmId", id: one) != Person(namespace: "crmId", id: other))
        #expect(Person(namespace: "a", id: one) != Person(namespace: "b", id: one))
    }

    @Test("A thousand keys that Swift takes for one are found in linear time")
    func flood() throws {
        // Marks of different classes in any order are the same to Swift: 720 orders of six of them.
        let marks: [Unicode.Scalar] = ["\u{301}", "\u{323}", "\u{334}", "\u{345}", "\u{5B0}", "\u{5B1}"]
        var orders: [[Unicode.Scalar]] = [[]]
        for mark in marks {
            orders = orders.flatMap { order in (0...order.count).map { Array(order[..<$0] + [mark] + order[$0...]) } }
        }
        var object = JSONObject()
        for (place, order) in orders.enumerated() {
            var text = String.UnicodeScalarView("a".unicodeScalars)
            text.append(contentsOf: order)
            object[String(text)] = JSONValue(place)
        }
        #expect(object.count == 720)
        #expect(try JSONValue.parse(JSONValue.object(object).text) == .object(object))
    }
}

@Suite("What is an id")
struct IdentityTests {
    @Test(
        "A text is an id as it is, a whole number by its digits however it is written",
        arguments: [
            ("\"42\"", "42"), ("\" a\"", " a"), ("42", "42"), ("42.0", "42"), ("4.2e1", "42"), ("420e-1", "42"), ("-7", "-7"),
            ("-7.0", "-7"), ("0", "0"), ("-0", "0"), ("-0.0", "0"), ("0e5", "0"), ("1e3", "1000"), ("9223372036854775807", "9223372036854775807"),
            ("9223372036854775808", "9223372036854775808"), ("18446744073709551615", "18446744073709551615"),
            ("18446744073709551615.0", "18446744073709551615"), ("1.8446744073709551615e19", "18446744073709551615"),
            ("9007199254740993.0", "9007199254740993"), ("9007199254740991e3", "9007199254740991000"),
            ("1e19", "10000000000000000000"), ("123456789012345678.00", "123456789012345678"), ("-9007199254740993.0", "-9007199254740993"),
            ("9007199254740992.0", "9007199254740992"), ("900719925474099300e-2", "9007199254740993"),
        ])
    func ids(json: String, expected: String) throws {
        #expect(try Identity.text(of: JSONValue.parse(json)).get() == expected)
    }

    @Test(
        "What is nobody's id is refused with the reason",
        arguments: [
            ("42.5", "42.5"), ("0.1", "0.1"), ("18446744073709551616", "beyond 2^64"), ("1e300", "beyond 2^64"),
            ("18446744073709551616.0", "beyond 2^64"), ("-18446744073709551616", "beyond 2^64"),
            ("\"\"", "empty"), ("null", "not there"), ("true", "boolean"), ("[42]", "array"), ("{}", "object"),
        ])
    func refused(json: String, part: String) throws {
        guard case .failure(let refusal) = Identity.text(of: try JSONValue.parse(json)) else {
            Issue.record("\(json) was taken for an id")
            return
        }
        #expect(refusal.reason.contains(part))
        #expect(throws: Identity.Refusal.self) { try Identity.text(of: nil).get() }
    }

    @Test("Whole numbers that a double would round keep their digits, all others are the nearest double, and both read back")
    func digits() throws {
        #expect(try JSONValue.parse("9007199254740993.0") == .exact("9007199254740993"))
        #expect(try JSONValue.parse("9007199254740994.0") == .decimal(9_007_199_254_740_994))
        #expect(try JSONValue.parse("9007199254740993.5") == .decimal(9_007_199_254_740_994))
        #expect(try JSONValue.parse("1e30") == .decimal(1e30))
        for value in [0x1p53, 0x1p63, 0x1.fffffffffffffp63, -0x1p60, 1e17, 123456789012345677.0] {
            #expect(try JSONValue.parse(JSONValue.decimal(value).text) == .decimal(value))
        }
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            let whole = UInt64.random(in: (1 << 53)...UInt64.max, using: &random)
            let double = Double(whole)
            #expect(try JSONValue.parse(JSONValue.decimal(double).text) == .decimal(double))
            #expect(try Identity.text(of: JSONValue.parse("\(whole).0")).get() == "\(whole)")
        }
    }
}
