/// RFC 2047: `=?utf-8?B?…?=` in header fields. Only UTF-8 and ASCII are decoded; others stay as they are.
enum EncodedWords {
    static func decode(_ text: String) -> String {
        var decoded = ""
        var rest = text[...]
        var isAfterWord = false
        while !rest.isEmpty {
            let blanks = rest.prefix { $0 == " " }
            let word = rest.dropFirst(blanks.count).prefix { $0 != " " }
            rest = rest.dropFirst(blanks.count + word.count)
            if let plain = plainText(word) {
                // Blanks between two encoded words only separate them.
                decoded += (isAfterWord ? "" : blanks) + plain
                isAfterWord = true
            } else {
                decoded += blanks + word
                isAfterWord = false
            }
        }
        return decoded
    }

    private static func plainText(_ word: Substring) -> String? {
        guard word.hasPrefix("=?"), word.hasSuffix("?=") else { return nil }
        let parts = word.dropFirst(2).dropLast(2).split(separator: "?", omittingEmptySubsequences: false)
        guard parts.count == 3, ["utf-8", "us-ascii"].contains(parts[0].lowercased()) else { return nil }
        switch parts[1].lowercased() {
        case "b": return String(decoding: TransferEncoding.base64(parts[2].utf8), as: UTF8.self)
        case "q":
            let spaced = Array(parts[2].utf8).map { $0 == UInt8(ascii: "_") ? 0x20 : $0 }
            return String(decoding: TransferEncoding.quotedPrintable(spaced), as: UTF8.self)
        default: return nil
        }
    }
}
