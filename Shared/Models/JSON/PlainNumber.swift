/// Numbers in texts for people and partners: digits alone.
package enum PlainNumber {
    /// The fewest digits that read back as this double, without an exponent; a whole number without a fraction.
    ///
    /// At most 326 characters: `1000000000000000000000`, `0.0000001`, `-2.5`. What is no number is the empty text.
    package static func text(_ value: Double) -> String {
        guard value.isFinite else { return "" }
        if value == 0 { return "0" }
        let written = value.magnitude.description.utf8
        let sides = written.split(separator: UInt8(ascii: "e"), maxSplits: 1)
        let parts = sides[0].split(separator: UInt8(ascii: "."), maxSplits: 1)
        let whole = Array(parts[0])
        var fraction = parts.count == 2 ? Array(parts[1]) : []
        while fraction.last == UInt8(ascii: "0") { fraction.removeLast() }
        let exponent = sides.count == 2 ? Int(String(decoding: sides[1], as: UTF8.self)) ?? 0 : 0
        // The digits, and where among them the point stands.
        var digits = whole + fraction
        var point = whole.count + exponent
        if point <= 0 {
            digits.insert(contentsOf: repeatElement(UInt8(ascii: "0"), count: 1 - point), at: 0)
            point = 1
        } else if point > digits.count {
            digits.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: point - digits.count))
        }
        let front = String(decoding: digits[..<point], as: UTF8.self)
        let back = String(decoding: digits[point...], as: UTF8.self)
        return (value < 0 ? "-" : "") + front + (back.isEmpty ? "" : "." + back)
    }
}
