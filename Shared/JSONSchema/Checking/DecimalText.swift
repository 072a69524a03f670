import Models

/// A number as its decimal digits: exact for whatever JSON can write. A double stands for the fewest digits that read
/// back as it, which is what was written in all but contrived cases.
struct DecimalText: Sendable {
    let isNegative: Bool
    /// Without zeros at either end; empty for zero.
    let digits: [UInt8]
    /// The value is digits × 10^exponent.
    let exponent: Int

    /// Nil where the value is no number.
    init?(_ value: JSONValue) {
        switch value {
        case .integer(let number): self.init(String(number))
        case .exact(let text): self.init(text)
        case .decimal(let number): self.init(number.description)
        default: return nil
        }
    }

    private init(_ text: String) {
        var digits: [UInt8] = []
        var exponent = 0
        var isNegative = false
        var isFraction = false
        var rest = Substring(text).utf8
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "-"): isNegative = true
            case UInt8(ascii: "."): isFraction = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                exponent += Int(String(Substring(rest))) ?? 0
                rest = rest.dropFirst(rest.count)
            default:
                digits.append(byte &- 0x30)
                if isFraction { exponent -= 1 }
            }
        }
        while digits.last == 0 {
            digits.removeLast()
            exponent += 1
        }
        self.digits = Array(digits.drop { $0 == 0 })
        self.isNegative = isNegative && !self.digits.isEmpty
        self.exponent = self.digits.isEmpty ? 0 : exponent
    }

    /// −1, 0 or 1 as the first is less than, equal to or greater than the second.
    static func compare(_ one: DecimalText, _ other: DecimalText) -> Int {
        if one.isNegative != other.isNegative { return one.isNegative ? -1 : 1 }
        let order = compareMagnitude(one, other)
        return one.isNegative ? -order : order
    }

    private static func compareMagnitude(_ one: DecimalText, _ other: DecimalText) -> Int {
        if one.digits.isEmpty || other.digits.isEmpty {
            return one.digits.count == other.digits.count ? 0 : (one.digits.isEmpty ? -1 : 1)
        }
        // The power of ten of the first digit decides before any digit does.
        let size = one.digits.count + one.exponent
        let otherSize = other.digits.count + other.exponent
        if size != otherSize { return size < otherSize ? -1 : 1 }
        for (digit, otherDigit) in zip(one.digits, other.digits) where digit != otherDigit {
            return digit < otherDigit ? -1 : 1
        }
        if one.digits.count == other.digits.count { return 0 }
        return one.digits.count < other.digits.count ? -1 : 1
    }
}

/// What `multipleOf` divides by, in decimal digits, so that 19.99 is a multiple of 0.01.
struct SchemaDivisor: Sendable {
    /// At most 18 digits.
    private let digits: UInt64
    private let exponent: Int
    private let integer: Int64?
    let number: JSONValue

    /// Nil unless the value is a number above 0 of at most 18 digits.
    init?(_ number: JSONValue) {
        guard let text = DecimalText(number), !text.isNegative, (1...18).contains(text.digits.count) else { return nil }
        digits = text.digits.reduce(0) { $0 * 10 + UInt64($1) }
        exponent = text.exponent
        integer = number.integerValue
        self.number = number
    }

    /// Whether the value, a number, is a multiple: exact, linear in its digits.
    func divides(_ value: JSONValue) -> Bool {
        if let integer, case .integer(let number) = value { return number % integer == 0 }
        guard let text = DecimalText(value) else { return false }
        if text.digits.isEmpty { return true }
        // Digits without a zero at their end are no multiple of ten.
        guard text.exponent >= exponent else { return false }
        var rest: UInt64 = 0
        for digit in text.digits { rest = (rest * 10 + UInt64(digit)) % digits }
        for _ in 0..<(text.exponent - exponent) {
            if rest == 0 { break }
            rest = rest * 10 % digits
        }
        return rest == 0
    }
}
