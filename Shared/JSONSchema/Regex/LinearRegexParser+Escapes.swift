extension LinearRegexParser {
    /// What follows a backslash outside brackets.
    mutating func escape() throws(LinearRegexError) -> (LinearRegexNode, isAssertion: Bool) {
        let start = place - 1
        if take("b" as Unicode.Scalar) { return (.wordBoundary(isNegated: false), true) }
        if take("B" as Unicode.Scalar) { return (.wordBoundary(isNegated: true), true) }
        if let scalar = current, ("1"..."9").contains(scalar) {
            while let digit = current, ("0"..."9").contains(digit) { place += 1 }
            refuse("a back-reference cannot be matched in linear time: say it without \\\(scalar)", at: start)
            return (.empty, false)
        }
        if take("k<") {
            try groupName()
            refuse("a back-reference cannot be matched in linear time: say it without \\k", at: start)
            return (.empty, false)
        }
        if let set = try classEscape() { return (.one(set), false) }
        let code = try characterEscape()
        return (.one(LinearRegexClass(ranges: [code...code])), false)
    }

    /// `\d \w \s \p{…}` and their opposites; nil, with nothing read, where something else follows the backslash.
    mutating func classEscape() throws(LinearRegexError) -> LinearRegexClass? {
        guard let letter = current else { throw syntax("the pattern ends with a backslash", at: place - 1) }
        let named: [ClosedRange<UInt32>]
        switch letter {
        case "d", "D": named = LinearRegexClass.digits
        case "w", "W": named = LinearRegexClass.wordLetters
        case "s", "S": named = LinearRegexClass.spaces
        case "p", "P": return try property(isNegated: letter == "P")
        default: return nil
        }
        place += 1
        return LinearRegexClass(ranges: named, isNegated: letter.properties.isUppercase)
    }

    private mutating func property(isNegated: Bool) throws(LinearRegexError) -> LinearRegexClass {
        let start = place - 1
        place += 1
        guard take("{" as Unicode.Scalar), let close = scalars[place...].firstIndex(of: "}") else {
            throw syntax("\\p is followed by a property in braces, as in \\p{L}", at: start)
        }
        var name = String(String.UnicodeScalarView(scalars[place..<close]))
        place = close + 1
        if name == "Any" || name == "ASCII" {
            return LinearRegexClass(ranges: [0...(name == "Any" ? 0x10FFFF : 0x7F)], isNegated: isNegated)
        }
        for prefix in ["Script=", "sc=", "Script_Extensions=", "scx="] where name.hasPrefix(prefix) {
            refuse("Unicode scripts are not known here: use a category such as \\p{L} or ranges", at: start)
            return LinearRegexClass(ranges: [])
        }
        for prefix in ["General_Category=", "gc="] where name.hasPrefix(prefix) {
            name.removeFirst(prefix.count)
        }
        guard let bits = LinearRegexCategory.bits(named: name) else {
            if Self.otherProperties.contains(name) {
                refuse("the property \(name) is not known here: use a category such as \\p{L} or ranges", at: start)
                return LinearRegexClass(ranges: [])
            }
            throw syntax("\\p{…} names no property of Unicode", at: start)
        }
        let chosen = isNegated ? LinearRegexCategory.everyBit & ~bits : bits
        return LinearRegexClass(ranges: [], categories: chosen)
    }

    /// Properties of ECMA-262 that are right in a pattern and not built here.
    private static let otherProperties: Set<String> = [
        "Alphabetic", "Alpha", "Uppercase", "Upper", "Lowercase", "Lower", "White_Space", "space", "Emoji", "ID_Start",
        "IDS", "ID_Continue", "IDC", "Emoji_Presentation", "Extended_Pictographic", "Ideographic", "Hex_Digit",
        "ASCII_Hex_Digit", "Math", "Assigned", "Default_Ignorable_Code_Point", "Diacritic", "Dash",
    ]

    /// One character behind a backslash.
    mutating func characterEscape() throws(LinearRegexError) -> UInt32 {
        let start = place - 1
        guard let scalar = current else { throw syntax("the pattern ends with a backslash", at: start) }
        place += 1
        switch scalar {
        case "t": return 0x09
        case "n": return 0x0A
        case "v": return 0x0B
        case "f": return 0x0C
        case "r": return 0x0D
        case "0":
            if let digit = current, ("0"..."9").contains(digit) {
                throw syntax("\\0 is not followed by a digit", at: start)
            }
            return 0
        case "c":
            guard let letter = current, letter.isASCII, letter.properties.isAlphabetic else {
                throw syntax("\\c is followed by a letter", at: start)
            }
            place += 1
            return letter.value % 32
        case "x":
            if let code = hexadecimal(2) { return code }
            throw syntax("\\x is followed by two hexadecimal digits", at: start)
        case "u": return try unicodeEscape(from: start)
        default:
            let isLetter = scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || !scalar.isASCII
            if isLetter || scalar.value < 0x20 { throw syntax("\\\(scalar) is no escape of ECMA-262", at: start) }
            return scalar.value
        }
    }

    private mutating func unicodeEscape(from start: Int) throws(LinearRegexError) -> UInt32 {
        if take("{" as Unicode.Scalar) {
            var code: UInt32 = 0
            let first = place
            while let digit = current?.hexadecimalValue {
                code = min(code * 16 + digit, 0x110000)
                place += 1
            }
            guard place > first, code <= 0x10FFFF, take("}" as Unicode.Scalar) else {
                throw syntax("\\u{…} holds the hexadecimal number of a character up to 10FFFF", at: start)
            }
            return code
        }
        guard let high = hexadecimal(4) else { throw syntax("\\u is followed by four hexadecimal digits", at: start) }
        let afterHigh = place
        if (0xD800...0xDBFF).contains(high), take("\\u"), let low = hexadecimal(4), (0xDC00...0xDFFF).contains(low) {
            return 0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)
        }
        place = afterHigh
        return high
    }

    private mutating func hexadecimal(_ digits: Int) -> UInt32? {
        guard place + digits <= scalars.count else { return nil }
        var code: UInt32 = 0
        for scalar in scalars[place..<place + digits] {
            guard let digit = scalar.hexadecimalValue else { return nil }
            code = code * 16 + digit
        }
        place += digits
        return code
    }

    // MARK: Brackets

    /// A class in brackets, behind the opening one.
    mutating func classInBrackets() throws(LinearRegexError) -> LinearRegexClass {
        let start = place - 1
        let isNegated = take("^" as Unicode.Scalar)
        var ranges: [ClosedRange<UInt32>] = []
        var categories: UInt32 = 0
        while !take("]" as Unicode.Scalar) {
            guard current != nil else { throw syntax("a class is not closed: ] is missing", at: start) }
            let itemStart = place
            let low = try classItem(&ranges, &categories)
            guard current == "-", place + 1 < scalars.count, scalars[place + 1] != "]" else {
                if let low { ranges.append(low...low) }
                continue
            }
            place += 1
            let high = try classItem(&ranges, &categories)
            guard let low, let high else { throw syntax("a range goes from character to character", at: itemStart) }
            guard low <= high else { throw syntax("the ends of a range are the wrong way round", at: itemStart) }
            ranges.append(low...high)
        }
        return LinearRegexClass(ranges: ranges, categories: categories, isNegated: isNegated)
    }

    /// One character of a class; nil where it was a set, which is added.
    private mutating func classItem(
        _ ranges: inout [ClosedRange<UInt32>], _ categories: inout UInt32
    ) throws(LinearRegexError) -> UInt32? {
        let scalar = scalars[place]
        place += 1
        guard scalar == "\\" else { return scalar.value }
        if take("b" as Unicode.Scalar) { return 0x08 }
        guard let set = try classEscape() else { return try characterEscape() }
        ranges += set.ranges
        categories |= set.categories
        return nil
    }
}

extension Unicode.Scalar {
    /// 0 to 15 of a hexadecimal digit.
    var hexadecimalValue: UInt32? {
        switch self {
        case "0"..."9": value - 0x30
        case "a"..."f": value - 0x61 + 10
        case "A"..."F": value - 0x41 + 10
        default: nil
        }
    }
}
