import JSONRPC
import Models

/// What a partner received, as a table, newest first.
enum ReceivedPage {
    static func answer(_ partner: Partner, _ receipts: [Receipt], total: Int) -> HTTPAnswer {
        let columns = columns(of: receipts)
        let heads = (["#", "at", "status"] + columns).map { "<th>\($0)</th>" as HTML }
        let rows = receipts.map { row($0, columns) }
        let table: HTML =
            receipts.isEmpty
            ? "<p>Nothing yet.</p>"
            : "<table><thead><tr>\(HTML.joined(heads))</tr></thead><tbody>\n\(HTML.joined(rows))</tbody></table>"
        let name = partner.rawValue
        return Page.answer(
            title: partner.title, refreshSeconds: 2,
            """
            <p><code>\(partner.address)</code> · \(total) received, the newest \(receipts.count) below ·
            <a href="/\(name)/received?format=json">JSON</a></p>
            \(table)
            """)
    }

    /// Every member that one of them has, in the order of the first that has it.
    private static func columns(of receipts: [Receipt]) -> [String] {
        var columns: [String] = []
        for receipt in receipts {
            for (key, _) in receipt.fields where !columns.contains(key) { columns.append(key) }
        }
        return columns
    }

    private static func row(_ receipt: Receipt, _ columns: [String]) -> HTML {
        let cells = columns.map { column -> HTML in "<td>\(text(receipt.fields[column]))</td>" }
        let isGood = (200..<300).contains(receipt.status)
        return """
            <tr class="\(isGood ? "good" : "bad")"><td>\(receipt.number)</td><td>\(Timestamp.text(receipt.at))</td>\
            <td>\(receipt.status)</td>\(HTML.joined(cells))</tr>

            """
    }

    private static func text(_ value: JSONValue?) -> String {
        switch value {
        case nil, .null: ""
        case .string(let text): text
        case .bool(let isTrue): isTrue ? "yes" : "no"
        case .some(let other): other.text
        }
    }
}
