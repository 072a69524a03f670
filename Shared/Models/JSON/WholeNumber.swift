/// Whole numbers of 64 bits out of the texts of numbers.
enum WholeNumber {
    /// The number that a JSON number writes, without its sign: `4.2e1` is 42. Nil where it is not whole or has more
    /// than 64 bits.
    static func value(of text: some Collection<UInt8>) -> UInt64? {
        var digits: [UInt8] = []
        var power = 0
        var isFraction = false
        var place = text.startIndex
        while place < text.endIndex {
            let byte = text[place]
            place = text.index(after: place)
            switch byte {
            case UInt8(ascii: "."): isFraction = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                guard let exponent = Int(String(decoding: text[place...], as: UTF8.self)) else { return nil }
                power += exponent
                place = text.endIndex
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                digits.append(byte)
                if isFraction { power -= 1 }
            default: break
            }
        }
        digits = Array(digits.drop { $0 == UInt8(ascii: "0") })
        while power < 0, digits.last == UInt8(ascii: "0") {
            digits.removeLast()
            power += 1
        }
        if digits.isEmpty { return 0 }
        guard power >= 0, power <= 20, digits.count + power <= 20 else { return nil }
        return UInt64(String(decoding: digits, as: UTF8.self) + String(repeating: "0", count: power))
    }

    /// The same of the fewest digits that read back as the double, which is how it is written.
    static func value(of number: Double) -> UInt64? { value(of: number.description.utf8) }
}
