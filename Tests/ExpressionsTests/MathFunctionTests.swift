import Testing

@testable import Expressions

/// Each function of the group: usual, null, empty, of the wrong type, at its bounds.
@Suite("Functions that work on numbers")
struct MathFunctionTests {
    @Test("Each call gives what it is said to give", arguments: cases)
    func table(example: Case) throws {
        #expect(try World.outcome(example.text) == example.outcome)
    }

    static let cases: [Case] = [
        Case("abs(-2.5)", "2.5"),
        Case("abs(2)", "2"),
        Case("abs(0)", "0"),
        Case("abs(null)", "null"),
        Case(#"abs("1")"#, "refused: typeMismatch"),
        Case("abs(-9223372036854775807)", "9223372036854775807"),
        Case("abs(-9223372036854775808)", "error: overflow"),
        Case(#"abs(toDuration("-PT1H"))"#, "refused: typeMismatch"),
        Case("abs(#{profile.no})", "null"),
        Case("ceil(2.1)", "3"),
        Case("ceil(-2.1)", "-2"),
        Case("ceil(2)", "2"),
        Case("ceil(null)", "null"),
        Case(#"ceil("2.1")"#, "refused: typeMismatch"),
        Case("ceil(9.3e18)", "error: overflow"),
        Case("ceil(-0.5)", "0"),
        Case("floor(2.9)", "2"),
        Case("floor(-2.1)", "-3"),
        Case("floor(5)", "5"),
        Case("floor(null)", "null"),
        Case("floor(true)", "refused: typeMismatch"),
        Case("floor(-9.3e18)", "error: overflow"),
        Case("floor(@event{order.total})", "60"),
        Case("power(2, 10)", "1024"),
        Case("power(2, -1)", "0.5"),
        Case("power(0, 0)", "1"),
        Case("power(2, null)", "null"),
        Case("power(null, 2)", "null"),
        Case(#"power("2", 2)"#, "refused: typeMismatch"),
        Case("power(10, 400)", "error: overflow"),
        Case("power(-8, 0.5)", "error: overflow"),
        Case("power(2.5, 2)", "6.25"),
        Case("power(2)", "refused: wrongArguments"),
        Case("round(2.5)", "3"),
        Case("round(-2.5)", "-2"),
        Case("round(2.4999)", "2"),
        Case("round(-0.5)", "0"),
        Case("round(7)", "7"),
        Case("round(null)", "null"),
        Case(#"round("2.5")"#, "refused: typeMismatch"),
        Case("round(1e19)", "error: overflow"),
        Case("round(@event{order.total})", "61"),
        Case("random() >= 0 and random() < 1", "true"),
        Case("random() == random()", "false"),
        Case("random(1)", "refused: wrongArguments"),
        Case("random() is decimal", "true"),
        Case("round(random() * 0)", "0"),
    ]
}
