import Foundation

/// One table: what was measured, beside its target.
struct Report {
    struct Row {
        let figure: String
        let measured: String
        let target: String
        let ratio: String
    }

    let title: String
    /// What it was measured with.
    var settings: [String] = []
    private(set) var rows: [Row] = []
    /// False when what was measured cannot count: something was lost.
    var isSound = true

    init(_ title: String) { self.title = title }

    mutating func add(_ figure: String, _ measured: String, target: String = "", ratio: String = "") {
        rows.append(Row(figure: figure, measured: measured, target: target, ratio: ratio))
    }

    var text: String {
        let all = [Row(figure: title, measured: "measured", target: "target", ratio: "ratio")] + rows
        func width(_ column: KeyPath<Row, String>) -> Int { all.map { $0[keyPath: column].count }.max() ?? 0 }
        let widths = [width(\.figure), width(\.measured), width(\.target), width(\.ratio)]
        func line(_ row: Row) -> String {
            "| \(row.figure.padded(to: widths[0])) | \(row.measured.padded(to: widths[1], right: true)) | "
                + "\(row.target.padded(to: widths[2])) | \(row.ratio.padded(to: widths[3], right: true)) |"
        }
        let rule = "|" + widths.map { String(repeating: "-", count: $0 + 2) }.joined(separator: "|") + "|"
        let head = [line(all[0]), rule]
        return (head + rows.map(line) + settings.map { "  \($0)" }).joined(separator: "\n")
    }
}

extension String {
    fileprivate func padded(to width: Int, right: Bool = false) -> String {
        let blanks = String(repeating: " ", count: max(0, width - count))
        return right ? blanks + self : self + blanks
    }
}

/// Numbers as people read them.
enum Figure {
    /// `12,345`
    static func whole(_ value: Double) -> String {
        var text = String(Int64(value.rounded()))
        var at = text.count - 3
        while at > 0 {
            text.insert(",", at: text.index(text.startIndex, offsetBy: at))
            at -= 3
        }
        return text
    }

    static func fraction(_ value: Double, _ digits: Int = 3) -> String { String(format: "%.\(digits)f", value) }
}
