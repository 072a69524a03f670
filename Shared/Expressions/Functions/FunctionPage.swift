/// The functions as the page of the language shows them: `deploy/docs/expressions.md`, whose beginning is written by
/// hand and whose end, behind a mark, is this.
package enum FunctionPage {
    /// The line behind which a page is generated.
    package static let mark = "<!-- From here on generated: sojourn functions --page deploy/docs/expressions.md -->"

    /// The page with what stands behind the mark made anew; nil where it has no mark.
    package static func renewed(_ page: String) -> String? {
        guard let range = page.range(ofLine: mark) else { return nil }
        return page[..<range.upperBound] + "\n\n" + text
    }

    /// Markdown: a heading and a table for each group.
    static var text: String {
        FunctionEntry.Group.allCases.map { group in
            let rows = FunctionTable.all.filter { $0.group == group }.map(row)
            let head = "### \(group.title)\n\n| call | what it gives | example |\n| --- | --- | --- |\n"
            return head + rows.joined(separator: "\n") + "\n"
        }.joined(separator: "\n")
    }

    private static func row(_ entry: FunctionEntry) -> String {
        let calls = entry.signatures.map(code).joined(separator: "<br>")
        let example = code(entry.example) + (entry.result.map { " → " + code($0) } ?? "")
        // Outside of code a backslash would be taken for an escape.
        let summary = entry.summary.split(separator: "\\", omittingEmptySubsequences: false).joined(separator: "\\\\")
        return "| \(calls) | \(summary) | \(example) |"
    }

    /// In a cell of a table a bar ends the cell, even in code.
    private static func code(_ text: String) -> String {
        "`" + text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|") + "`"
    }
}

extension String {
    fileprivate func range(ofLine line: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            let end = self[start...].firstIndex(of: "\n") ?? endIndex
            if self[start..<end] == line { return start..<end }
            start = end < endIndex ? index(after: end) : endIndex
        }
        return nil
    }
}
