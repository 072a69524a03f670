import Foundation
import Testing

@testable import Expressions

@Suite("The page of the language")
struct FunctionPageTests {
    static let page = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("deploy/docs/expressions.md")

    @Test("The page has the functions as the table has them")
    func isCurrent() throws {
        let text = try String(contentsOf: Self.page, encoding: .utf8)
        let renewed = try #require(FunctionPage.renewed(text), "the page has lost its mark")
        #expect(text == renewed, "run: sojourn functions --page deploy/docs/expressions.md")
    }

    @Test("Every function stands on it once, with its signatures")
    func isComplete() {
        let rows = FunctionPage.text.split(separator: "\n").filter { $0.hasPrefix("| `") }
        #expect(rows.count == FunctionTable.all.count)
        for entry in FunctionTable.all {
            #expect(rows.contains { row in entry.signatures.allSatisfy { row.contains("`\($0)`") } }, "\(entry.name)")
        }
    }

    @Test("A page without its mark is left alone")
    func noMark() {
        #expect(FunctionPage.renewed("# A page\n") == nil)
        #expect(FunctionPage.renewed("a\n\(FunctionPage.mark)\nold\n") == "a\n\(FunctionPage.mark)\n\n" + FunctionPage.text)
    }
}
