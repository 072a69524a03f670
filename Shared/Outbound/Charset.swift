/// The charsets in which third parties write JSON: UTF-8, UTF-16, ISO 8859-1 and -15, Windows-1252.
enum Charset {
    case utf8
    case utf16(isBigEndian: Bool?)
    /// A byte a character: those of the upper half, beginning with `first`; what is not named is its own number.
    case single(first: UInt8, [UInt16])

    /// The bytes as UTF-8 without a byte order mark; nil where the charset is not known or its bytes break its rules.
    ///
    /// A byte order mark decides, as it does in browsers; without one the `charset` of the content type; without that
    /// it is UTF-8. Bytes that should be UTF-8 are given back as they are: the reader of JSON checks them.
    static func utf8(_ bytes: [UInt8], contentType: String?) -> ArraySlice<UInt8>? {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { return bytes[3...] }
        if bytes.starts(with: [0xFE, 0xFF]) { return fromUTF16(bytes[2...], isBigEndian: true) }
        if bytes.starts(with: [0xFF, 0xFE]) { return fromUTF16(bytes[2...], isBigEndian: false) }
        switch named(contentType) {
        case nil: return nil
        case .utf8?: return bytes[...]
        case .utf16(let isBigEndian)?:
            // JSON begins with an ASCII character, so the first byte tells the order.
            return fromUTF16(bytes[...], isBigEndian: isBigEndian ?? (bytes.first == 0))
        case .single(let first, let table)?: return fromSingle(bytes, first, table)
        }
    }

    /// nil for a name that is not known.
    private static func named(_ contentType: String?) -> Charset? {
        guard let name = parameter(contentType) else { return .utf8 }
        switch name {
        case "", "utf-8", "utf8", "us-ascii", "ascii": return .utf8
        case "utf-16", "utf16": return .utf16(isBigEndian: nil)
        case "utf-16be": return .utf16(isBigEndian: true)
        case "utf-16le": return .utf16(isBigEndian: false)
        // As the web has it: who says ISO 8859-1 writes Windows-1252, where the two differ.
        case "iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "latin-1", "l1", "windows-1252", "cp1252":
            return .single(first: 0x80, windows1252)
        case "iso-8859-15", "iso8859-15", "iso_8859-15", "latin-9", "latin9", "l9":
            return .single(first: 0xA0, iso8859part15)
        default: return nil
        }
    }

    /// The value of `charset`, in lower case; nil where there is none.
    private static func parameter(_ contentType: String?) -> String? {
        for part in (contentType ?? "").split(separator: ";").dropFirst() {
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2, trimmed(sides[0]).lowercased() == "charset" else { continue }
            let value = trimmed(sides[1])
            let isQuoted = value.count >= 2 && value.first == value.last && (value.first == "\"" || value.first == "'")
            return trimmed(isQuoted ? value.dropFirst().dropLast() : value).lowercased()
        }
        return nil
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }

    private static func fromUTF16(_ bytes: ArraySlice<UInt8>, isBigEndian: Bool) -> ArraySlice<UInt8>? {
        guard bytes.count.isMultiple(of: 2) else { return nil }
        let units = stride(from: bytes.startIndex, to: bytes.endIndex, by: 2).map { place in
            let (one, other) = (UInt16(bytes[place]), UInt16(bytes[place + 1]))
            return isBigEndian ? one << 8 | other : other << 8 | one
        }
        return String(validating: units, as: UTF16.self).map { Array($0.utf8)[...] }
    }

    private static func fromSingle(_ bytes: [UInt8], _ first: UInt8, _ table: [UInt16]) -> ArraySlice<UInt8>? {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + bytes.count / 8)
        for byte in bytes {
            if byte < 0x80 {
                result.append(byte)
                continue
            }
            let isInTable = byte >= first && Int(byte - first) < table.count
            let scalar = Unicode.Scalar(isInTable ? table[Int(byte - first)] : UInt16(byte))
            for unit in UTF8.encode(scalar ?? "\u{FFFD}") ?? UTF8.encodedReplacementCharacter { result.append(unit) }
        }
        return result[...]
    }

    /// From 0x80 to 0x9F, as the Encoding Standard has it.
    private static let windows1252: [UInt16] = [
        0x20AC, 0x81, 0x201A, 0x192, 0x201E, 0x2026, 0x2020, 0x2021, 0x2C6, 0x2030, 0x160, 0x2039, 0x152, 0x8D, 0x17D,
        0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x2DC, 0x2122, 0x161, 0x203A, 0x153, 0x9D,
        0x17E, 0x178,
    ]

    /// From 0xA0 to 0xBF: Latin 1 but for eight places.
    private static let iso8859part15: [UInt16] = [
        0xA0, 0xA1, 0xA2, 0xA3, 0x20AC, 0xA5, 0x160, 0xA7, 0x161, 0xA9, 0xAA, 0xAB, 0xAC, 0xAD, 0xAE, 0xAF, 0xB0, 0xB1,
        0xB2, 0xB3, 0x17D, 0xB5, 0xB6, 0xB7, 0x17E, 0xB9, 0xBA, 0xBB, 0x152, 0x153, 0x178, 0xBF,
    ]
}
