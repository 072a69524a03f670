import Definitions
import Foundation
import Models
import TestKit
import Testing

@testable import EventIngestion

@Suite("Events known again, and the ids that numbers are", .timeLimit(.minutes(1)))
struct RepeatTests {
    /// Orders and their payments, told apart by `type`; each order of 100 or more is `large`, too.
    private static let documents: [(DefinitionKind, String)] = [
        (
            .schemas,
            #"{"name": "s", "kind": "event", "schema": {"type": "object", "properties": {"type": {"type": "string"}, "total": {"type": "number"}, "who": true}}}"#
        ),
        (.events, event("placed", #"@event{placed.type} == \"placed\""#)), (.events, event("paid", #"@event{paid.type} == \"paid\""#)),
        (.events, event("large", #"@event{large.type} == \"placed\" and @event{large.total} >= 100"#)),
    ]

    private static func event(_ name: String, _ rule: String) -> String {
        #"{"name": "\#(name)", "schema": "s", "type": "rule", "rule": "\#(rule)", "namespace": "crmId", "key": "@event{\#(name).who}"}"#
    }

    private static func run(_ body: (EventTaker, TakerRig) async throws -> Void) async throws {
        try await TakerRig.run(documents, inboxMax: 1_000) { rig in try await body(rig.taker(), rig) }
    }

    private static func taken(_ taker: EventTaker, _ text: String) async throws -> EventTaker.Accepted {
        switch try await taker.take(JSONValue.parse(text), text: nil, inlet: nil) {
        case .accepted(let accepted): return accepted
        case let other: throw TestKitError("\(text) was not accepted: \(other)")
        }
    }

    @Test("Two events of different definitions with one _id are two, and each is known again")
    func definitions() async throws {
        try await Self.run { taker, rig in
            let placed = #"{"_id": "1001", "type": "placed", "who": "a"}"#, paid = #"{"_id": "1001", "type": "paid", "who": "a"}"#
            for (text, isRepeat) in [(placed, false), (paid, false), (placed, true), (paid, true), (placed, true)] {
                #expect(try await Self.taken(taker, text).isDuplicate == isRepeat, "\(text)")
            }
            // Another set of definitions is another event, though one of them is the same.
            let large = try await Self.taken(taker, #"{"_id": "1001", "type": "placed", "total": 100, "who": "a"}"#)
            #expect(!large.isDuplicate && large.matches.map(\.event) == ["large", "placed"])
            // As is that of another person.
            #expect(try await !Self.taken(taker, #"{"_id": "1001", "type": "placed", "who": "b"}"#).isDuplicate)
        }
    }

    @Test("A whole number is an _id by its digits, in any spelling; what is no id is made one each time")
    func numbers() async throws {
        try await Self.run { taker, rig in
            for (place, id) in ["4711", "4711.0", "\"4711\"", "4.711e3", "4711"].enumerated() {
                let accepted = try await Self.taken(taker, #"{"_id": \#(id), "type": "paid", "who": "a"}"#)
                #expect(accepted.id == "4711" && accepted.isDuplicate == (place > 0), "\(id)")
            }
            for id in ["18446744073709551615", "18446744073709551615.0"] {
                #expect(try await Self.taken(taker, #"{"_id": \#(id), "type": "paid", "who": "a"}"#).id == "18446744073709551615")
            }
            var made: Set<String> = []
            for id in ["4711.5", "null", "\"\"", "true", "4711.5"] {
                let accepted = try await Self.taken(taker, #"{"_id": \#(id), "type": "paid", "who": "a"}"#)
                let isNew = made.insert(accepted.id).inserted
                #expect(!accepted.isDuplicate && isNew, "\(id)")
            }
        }
    }

    @Test("Whole numbers of any spelling are one person, and what is no identity is refused with the reason")
    func people() async throws {
        try await Self.run { taker, rig in
            for who in ["42", "42.0", "4.2e1", "\"42\"", "420e-1"] {
                let accepted = try await Self.taken(taker, #"{"type": "paid", "who": \#(who)}"#)
                #expect(accepted.matches.map(\.person) == [Person(namespace: "crmId", id: "42")], "\(who)")
            }
            for (who, id) in [("18446744073709551615", "18446744073709551615"), ("9007199254740993.0", "9007199254740993"), ("-0.0", "0")] {
                let accepted = try await Self.taken(taker, #"{"type": "paid", "who": \#(who)}"#)
                #expect(accepted.matches.first?.person?.id == id, "\(who)")
            }
            for (who, reason) in [
                ("42.5", "is 42.5"), ("1e300", "beyond 2^64"), ("true", "boolean"), ("[42]", "array"), ("null", "not there"), ("\"\"", "empty"),
            ] {
                let answer = try await taker.take(
                    JSONValue.parse(#"{"type": "paid", "who": \#(who)}"#), text: nil, inlet: nil)
                guard case .invalid(let problems) = answer else { throw TestKitError("\(who) was taken") }
                #expect(problems.count == 1 && problems[0].message.contains("finds no identity: @event{paid.who}"), "\(problems)")
                #expect(problems[0].message.contains(reason), "\(problems)")
            }
        }
    }

    @Test("Both spellings of an id are one person, and a repeat in the other spelling is known again")
    func spellings() async throws {
        try await Self.run { taker, rig in
            let composed = try await Self.taken(taker, #"{"_id": "1", "type": "paid", "who": "Jos\u00e9"}"#)
            let other = try await Self.taken(taker, #"{"_id": "1", "type": "paid", "who": "Jose\u0301"}"#)
            #expect(!composed.isDuplicate && other.isDuplicate)
            #expect(other.matches.first?.person?.id.hasBytes(of: "Jos\u{E9}") == true)
            // An _id is data: in another spelling it is another.
            for (place, id) in ["\\u00e9", "e\\u0301", "\\u00e9"].enumerated() {
                let accepted = try await Self.taken(taker, #"{"_id": "\#(id)", "type": "paid", "who": "a"}"#)
                #expect(accepted.isDuplicate == (place == 2))
            }
            // The bound is that of the composed form, which may be longer.
            for (count, isTaken) in [(42, true), (43, false)] {
                let who = String(repeating: "\u{958}", count: count)
                let answer = try await taker.take(["type": "paid", "who": .string(who)], text: nil, inlet: nil)
                if case .accepted = answer { #expect(isTaken) } else { #expect(!isTaken) }
            }
        }
    }

    @Test(
        "A key that is a field is read as it stands, any other is computed",
        arguments: [
            ("@event{e.customer.id}", ["customer", "id"]), (" @event{e.id} ", ["id"]), ("@event{e.'a b'.c}", ["a b", "c"]),
            ("@event{other.id}", nil), ("@event{e}", nil), ("lower(@event{e.id})", nil), ("@event{e.items.first().id}", nil), ("", nil),
        ] as [(String, [String]?)])
    func keyPath(key: String, path: [String]?) {
        #expect(EventKey.path(key, of: "e") == path)
    }
}
