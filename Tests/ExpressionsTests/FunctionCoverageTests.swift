import Testing

@testable import Expressions

@Suite("The tables of functions")
struct FunctionCoverageTests {
    static let cases =
        AggregationFunctionTests.cases + ConversionFunctionTests.cases + DateFunctionTests.cases
        + ListFunctionTests.cases + MathFunctionTests.cases + StringFunctionTests.cases + PatternTests.functions
        + FunctionTests.lists + FunctionTests.conversions + FunctionTests.texts + TimeTests.functions

    @Test(
        "Each function is tried usual, with null and with what it does not take",
        arguments: FunctionTable.all.map(\.name))
    func coverage(name: String) throws {
        let entry = try #require(FunctionTable.named(name))
        let own = Self.cases.filter { $0.text.hasPrefix(name + "(") }
        let anywhere = Self.cases.filter { $0.text.contains(name + "(") }
        #expect(anywhere.contains { !$0.outcome.hasPrefix("refused") && $0.outcome != "null" })
        #expect(own.contains { $0.outcome.hasPrefix("refused") }, "no call of \(name) is refused")
        if entry.forms.contains(where: { !$0.parameters.isEmpty }) {
            #expect(own.contains { $0.text.contains("null") }, "no call of \(name) has null")
            #expect(own.count >= 4, "\(name) has \(own.count) cases")
        }
    }

    @Test("There are more than a thousand cases written by hand")
    func count() {
        let others =
            OperatorTests.literals + OperatorTests.arithmetic + OperatorTests.logic + ReferenceTests.fields
            + ReferenceTests.collections
        #expect(Self.cases.count + others.count > 1000)
    }
}
