/// Reads a string's UTF-8 from front to back. Past the end every byte is 0, which no format's rule takes.
struct FormatReader {
    let bytes: UnsafeBufferPointer<UInt8>
    var place = 0
    let end: Int

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
        end = bytes.count
    }

    /// A part of the same string.
    init(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
        self.bytes = bytes
        place = range.lowerBound
        end = range.upperBound
    }

    var isAtEnd: Bool { place == end }
    var current: UInt8 {
        @inline(__always) get { place < end ? bytes[place] : 0 }
    }

    @inline(__always)
    mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard place < end, bytes[place] == UInt8(truncatingIfNeeded: scalar.value) else { return false }
        place += 1
        return true
    }

    /// The number of exactly so many digits.
    @inline(__always)
    mutating func number(digits: Int) -> Int? {
        guard place + digits <= end else { return nil }
        var value = 0
        for _ in 0..<digits {
            let digit = bytes[place] &- 0x30
            guard digit < 10 else { return nil }
            value = value * 10 + Int(digit)
            place += 1
        }
        return value
    }

    /// How many digits were there and are behind now.
    mutating func skipDigits() -> Int {
        let start = place
        while place < end, bytes[place] &- 0x30 < 10 { place += 1 }
        return place - start
    }

    mutating func skipHexadecimal(max: Int) -> Int {
        let start = place
        while place < end, place - start < max, bytes[place].isHexadecimal { place += 1 }
        return place - start
    }

    /// The first place of this byte from here on.
    func first(_ scalar: Unicode.Scalar) -> Int? {
        bytes[place..<end].firstIndex(of: UInt8(truncatingIfNeeded: scalar.value))
    }
}

extension UInt8 {
    var isLetter: Bool { (self | 0x20) &- 0x61 < 26 }
    var isDigit: Bool { self &- 0x30 < 10 }
    var isHexadecimal: Bool { isDigit || (self | 0x20) &- 0x61 < 6 }

    /// Whether this byte is one of the ASCII characters of the text.
    func isOne(of text: StaticString) -> Bool {
        for place in 0..<text.utf8CodeUnitCount where text.utf8Start[place] == self { return true }
        return false
    }
}
