/// A set of code points: ranges, and general categories of Unicode.
struct LinearRegexClass: Sendable, Hashable {
    /// Sorted, apart from each other. Where there are no categories a negation is already carried out in them.
    let ranges: [ClosedRange<UInt32>]
    /// A bit for each general category, in the order of ``LinearRegexCategory/all``.
    let categories: UInt32
    let isNegated: Bool
    private let asciiLow: UInt64
    private let asciiHigh: UInt64

    init(ranges: [ClosedRange<UInt32>], categories: UInt32 = 0, isNegated: Bool = false) {
        let merged = Self.merged(ranges)
        let complement = isNegated && categories == 0
        self.ranges = complement ? Self.complement(merged) : merged
        self.categories = categories
        self.isNegated = isNegated && !complement
        var low: UInt64 = 0
        var high: UInt64 = 0
        for code in UInt32(0)..<128 {
            let inside = Self.holds(code, self.ranges, categories) != self.isNegated
            if inside, code < 64 { low |= 1 << UInt64(code) }
            if inside, code >= 64 { high |= 1 << UInt64(code - 64) }
        }
        asciiLow = low
        asciiHigh = high
    }

    @inline(__always)
    func contains(_ code: UInt32) -> Bool {
        if code < 64 { return asciiLow >> UInt64(code) & 1 == 1 }
        if code < 128 { return asciiHigh >> UInt64(code - 64) & 1 == 1 }
        return Self.holds(code, ranges, categories) != isNegated
    }

    private static func holds(_ code: UInt32, _ ranges: [ClosedRange<UInt32>], _ categories: UInt32) -> Bool {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < code { low = middle + 1 } else { high = middle }
        }
        if low < ranges.count, ranges[low].contains(code) { return true }
        return categories != 0 && categories & LinearRegexCategory.bit(of: code) != 0
    }

    static func merged(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
        var result: [ClosedRange<UInt32>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = result.last, range.lowerBound <= last.upperBound + 1 {
                result[result.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                result.append(range)
            }
        }
        return result
    }

    static func complement(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
        var result: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in merged(ranges) {
            if range.lowerBound > next { result.append(next...(range.lowerBound - 1)) }
            next = range.upperBound + 1
        }
        if next <= 0x10FFFF { result.append(next...0x10FFFF) }
        return result
    }
}

// MARK: - The sets that ECMA-262 names

extension LinearRegexClass {
    static let digits: [ClosedRange<UInt32>] = [0x30...0x39]
    static let wordLetters: [ClosedRange<UInt32>] = [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A]
    /// WhiteSpace and LineTerminator of ECMA-262.
    static let spaces: [ClosedRange<UInt32>] = [
        0x09...0x0D, 0x20...0x20, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A, 0x2028...0x2029, 0x202F...0x202F,
        0x205F...0x205F, 0x3000...0x3000, 0xFEFF...0xFEFF,
    ]
    static let lineEnds: [ClosedRange<UInt32>] = [0x0A...0x0A, 0x0D...0x0D, 0x2028...0x2029]

    static func isWordLetter(_ code: UInt32) -> Bool {
        wordLetters.contains { $0.contains(code) }
    }
}

/// The general categories of Unicode with the names that ECMA-262 takes in `\p{…}`.
enum LinearRegexCategory {
    static let all: [(category: Unicode.GeneralCategory, names: [String])] = [
        (.uppercaseLetter, ["Lu", "Uppercase_Letter"]), (.lowercaseLetter, ["Ll", "Lowercase_Letter"]),
        (.titlecaseLetter, ["Lt", "Titlecase_Letter"]), (.modifierLetter, ["Lm", "Modifier_Letter"]),
        (.otherLetter, ["Lo", "Other_Letter"]), (.nonspacingMark, ["Mn", "Nonspacing_Mark"]),
        (.spacingMark, ["Mc", "Spacing_Mark"]), (.enclosingMark, ["Me", "Enclosing_Mark"]),
        (.decimalNumber, ["Nd", "Decimal_Number", "digit"]), (.letterNumber, ["Nl", "Letter_Number"]),
        (.otherNumber, ["No", "Other_Number"]), (.connectorPunctuation, ["Pc", "Connector_Punctuation"]),
        (.dashPunctuation, ["Pd", "Dash_Punctuation"]), (.openPunctuation, ["Ps", "Open_Punctuation"]),
        (.closePunctuation, ["Pe", "Close_Punctuation"]), (.initialPunctuation, ["Pi", "Initial_Punctuation"]),
        (.finalPunctuation, ["Pf", "Final_Punctuation"]), (.otherPunctuation, ["Po", "Other_Punctuation"]),
        (.mathSymbol, ["Sm", "Math_Symbol"]), (.currencySymbol, ["Sc", "Currency_Symbol"]),
        (.modifierSymbol, ["Sk", "Modifier_Symbol"]), (.otherSymbol, ["So", "Other_Symbol"]),
        (.spaceSeparator, ["Zs", "Space_Separator"]), (.lineSeparator, ["Zl", "Line_Separator"]),
        (.paragraphSeparator, ["Zp", "Paragraph_Separator"]), (.control, ["Cc", "Control", "cntrl"]),
        (.format, ["Cf", "Format"]), (.surrogate, ["Cs", "Surrogate"]), (.privateUse, ["Co", "Private_Use"]),
        (.unassigned, ["Cn", "Unassigned"]),
    ]
    /// Every category: 30 bits.
    static let everyBit: UInt32 = (1 << 30) - 1

    private static let bits: [Unicode.GeneralCategory: UInt32] = Dictionary(
        uniqueKeysWithValues: all.enumerated().map { ($1.category, 1 << UInt32($0)) })

    private static let groups: [String: String] = [
        "L": "L", "Letter": "L", "M": "M", "Mark": "M", "Combining_Mark": "M", "N": "N", "Number": "N", "P": "P",
        "Punctuation": "P", "punct": "P", "S": "S", "Symbol": "S", "Z": "Z", "Separator": "Z", "C": "C", "Other": "C",
    ]

    static func bit(of code: UInt32) -> UInt32 {
        guard let scalar = Unicode.Scalar(code) else { return bits[.surrogate] ?? 0 }
        return bits[scalar.properties.generalCategory] ?? 0
    }

    /// The bits of a category or of a group of categories; nil where the name is none.
    static func bits(named name: String) -> UInt32? {
        if name == "LC" || name == "Cased_Letter" { return 0b111 }
        if let letter = groups[name] {
            return all.enumerated().reduce(0) { $0 | ($1.element.names[0].hasPrefix(letter) ? 1 << $1.offset : 0) }
        }
        return all.firstIndex { $0.names.contains(name) }.map { 1 << UInt32($0) }
    }
}
