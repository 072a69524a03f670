import Engine
import Expressions
import Foundation
import Models
import Testing

/// The page of findings is made of the table of codes; `SOJOURN_WRITE_DOCS=1` writes it.
@Suite("The page of findings")
struct FindingsPageTests {
    static let path = URL(filePath: #filePath).deletingLastPathComponent().appending(
        path: "../../deploy/docs/findings.md")

    static var page: String {
        var page = """
            # Findings

            What validation says about a journey before a test and before publication, and by `journeys.validate`. Each finding has
            a `code`, the `node` (none: the journey as a whole), a `field` (a JSON pointer in the node, or in the document), a
            sentence and what to do. Errors block, warnings do not. Codes are stable.

            This page is made of the engine's table (`Shared/Engine/Compiling/FindingCode.swift`); a test holds them together.


            """
        for (severity, title) in [(Finding.Severity.error, "Errors"), (.warning, "Warnings")] {
            page += "## \(title)\n\n"
            for code in FindingCode.allCases where code.note.severity == severity {
                page += "### `\(code.rawValue)`\n\n\(code.note.sentence) \(code.note.remedy)\n\n"
                page += "```json\n\(code.note.example)\n```\n\n"
            }
        }
        page += """
            ## In expressions

            These have `line`, `column` and `length` too, in characters from 1, and often a suggestion. As errors:
            \(list(ExpressionError.Code.allCases.map(\.rawValue))). As warnings:
            \(list(ExpressionWarning.Code.allCases.map(\.rawValue))).

            """
        return page
    }

    private static func list(_ codes: [String]) -> String {
        var lines: [String] = [""]
        for code in codes {
            let word = "`\(code)`" + (code == codes.last ? "" : ", ")
            if lines[lines.count - 1].count + word.count > 110 { lines.append("") }
            lines[lines.count - 1] += word
        }
        return lines.map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: "\n")
    }

    @Test("It says what the table says")
    func isCurrent() throws {
        if ProcessInfo.processInfo.environment["SOJOURN_WRITE_DOCS"] != nil {
            try Self.page.write(to: Self.path, atomically: true, encoding: .utf8)
        }
        let written = try String(contentsOf: Self.path, encoding: .utf8)
        #expect(written == Self.page, "SOJOURN_WRITE_DOCS=1 swift test --filter FindingsPageTests writes it")
    }

    @Test("Ten thousand nodes are validated in seconds, also by a debug build on a busy machine")
    func fast() {
        var nodes = #"{"id": "n0", "type": "event", "event": "orderPlaced", "next": "n1"}"#
        for number in 1..<10_000 {
            nodes += #", {"id": "n\#(number)", "type": "wait", "for": "PT1M", "next": "n\#(number % 9_999 + 1)"}"#
        }
        let document = journey(nodes)
        let clock = ContinuousClock()
        let took = clock.measure {
            #expect(Plan.compile(document, version: 1, catalogue: Configuration.catalogue).findings == [])
        }
        #expect(took < .seconds(10))
    }
}
