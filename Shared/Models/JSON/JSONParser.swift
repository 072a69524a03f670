/// The one reader of JSON in Sojourn: strict RFC 8259 over UTF-8 bytes.
///
/// Beyond the RFC it refuses what readers elsewhere take differently, so that nothing means two things: duplicate
/// keys, a byte order mark, lone surrogates, numbers beyond a double. Time and memory are linear in the input.
extension JSONValue {
    package static func parse(
        _ bytes: UnsafeRawBufferPointer, limits: JSONLimits = .init()
    ) throws(JSONError) -> JSONValue {
        var parser = JSONParser(bytes: bytes, limits: limits)
        return try parser.document()
    }

    package static func parse(_ bytes: [UInt8], limits: JSONLimits = .init()) throws(JSONError) -> JSONValue {
        // `withUnsafeBytes` does not carry a typed error through, so the outcome travels as a value.
        try bytes.withUnsafeBytes { raw in Result { () throws(JSONError) in try parse(raw, limits: limits) } }.get()
    }

    package static func parse(_ bytes: ArraySlice<UInt8>, limits: JSONLimits = .init()) throws(JSONError) -> JSONValue {
        try bytes.withUnsafeBytes { raw in Result { () throws(JSONError) in try parse(raw, limits: limits) } }.get()
    }

    package static func parse(_ text: String, limits: JSONLimits = .init()) throws(JSONError) -> JSONValue {
        try parse(Array(text.utf8), limits: limits)
    }
}

struct JSONParser {
    private let bytes: UnsafeRawBufferPointer
    private var place = 0
    private var depthLeft: Int
    private let keepsLastOfRepeatedKeys: Bool

    init(bytes: UnsafeRawBufferPointer, limits: JSONLimits) {
        self.bytes = bytes
        depthLeft = limits.depth
        keepsLastOfRepeatedKeys = limits.keepsLastOfRepeatedKeys
    }

    mutating func document() throws(JSONError) -> JSONValue {
        if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { throw failure(.byteOrderMark) }
        skipSpace()
        if place == bytes.count { throw failure(.empty) }
        let value = try value()
        skipSpace()
        if place < bytes.count { throw failure(.trailingContent) }
        return value
    }

    private func failure(_ reason: JSONError.Reason, at offset: Int? = nil) -> JSONError {
        JSONError(offset: offset ?? place, reason: reason)
    }

    /// The byte here, or 0 at the end: no grammar rule takes a NUL, so the end fails every test below by itself.
    private var current: UInt8 {
        @inline(__always) get { place < bytes.count ? bytes[place] : 0 }
    }

    private func unexpected() -> JSONError {
        failure(place >= bytes.count ? .unexpectedEnd : .unexpectedByte)
    }

    @inline(__always)
    private mutating func skipSpace() {
        while place < bytes.count {
            switch bytes[place] {
            case 0x20, 0x0A, 0x0D, 0x09: place += 1
            default: return
            }
        }
    }

    private mutating func value() throws(JSONError) -> JSONValue {
        switch current {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"): return .object(try object())
        case UInt8(ascii: "["): return .array(try array())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: throw unexpected()
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        for offset in 0..<word.utf8CodeUnitCount {
            guard current == word.utf8Start[offset] else { throw unexpected() }
            place += 1
        }
        return value
    }

    private mutating func enter() throws(JSONError) {
        if depthLeft == 0 { throw failure(.tooDeep) }
        depthLeft -= 1
        place += 1
        skipSpace()
    }

    private mutating func leave() {
        depthLeft += 1
        place += 1
    }

    private mutating func object() throws(JSONError) -> JSONObject {
        try enter()
        var object = JSONObject(minimumCapacity: 4)
        if current == UInt8(ascii: "}") {
            leave()
            return object
        }
        while true {
            guard current == UInt8(ascii: "\"") else { throw unexpected() }
            let keyPlace = place
            let key = try string()
            skipSpace()
            guard current == UInt8(ascii: ":") else { throw unexpected() }
            place += 1
            skipSpace()
            let value = try value()
            if !object.insert(key, value) {
                guard keepsLastOfRepeatedKeys else { throw failure(.duplicateKey, at: keyPlace) }
                object[key] = value
            }
            skipSpace()
            if try itemsEnd(UInt8(ascii: "}")) { return object }
        }
    }

    private mutating func array() throws(JSONError) -> [JSONValue] {
        try enter()
        var items: [JSONValue] = []
        if current == UInt8(ascii: "]") {
            leave()
            return items
        }
        while true {
            items.append(try value())
            skipSpace()
            if try itemsEnd(UInt8(ascii: "]")) { return items }
        }
    }

    /// After an item: true at the closing bracket, false before another item.
    private mutating func itemsEnd(_ bracket: UInt8) throws(JSONError) -> Bool {
        if current == bracket {
            leave()
            return true
        }
        guard current == UInt8(ascii: ",") else { throw unexpected() }
        place += 1
        skipSpace()
        if current == bracket { throw failure(.trailingComma) }
        return false
    }
}

// MARK: - Strings

extension JSONParser {
    private mutating func string() throws(JSONError) -> String {
        place += 1
        let start = place
        // With the eighth bit of every byte in it: text without one is valid as it is.
        var seen: UInt8 = 0
        while place < bytes.count {
            let byte = bytes[place]
            switch byte {
            case UInt8(ascii: "\""):
                let text = seen < 0x80 ? decoded(start..<place) : try text(start..<place)
                place += 1
                return text
            case UInt8(ascii: "\\"): return try escapedString(from: start)
            case 0..<0x20: throw failure(.controlCharacter)
            default:
                seen |= byte
                place += 1
            }
        }
        throw failure(.unexpectedEnd)
    }

    @inline(__always)
    private func decoded(_ range: Range<Int>) -> String {
        String(
            decoding: UnsafeRawBufferPointer(rebasing: bytes[range]).assumingMemoryBound(to: UInt8.self), as: UTF8.self)
    }

    /// Decoding repairs what is not valid, and what was repaired is no longer the same. That is several times as fast
    /// as the initialiser that validates.
    private func text(_ range: Range<Int>) throws(JSONError) -> String {
        let text = decoded(range)
        guard text.utf8.count == range.count, text.utf8.elementsEqual(bytes[range]) else {
            throw failure(.invalidUTF8, at: range.lowerBound)
        }
        return text
    }

    /// A string with at least one escape: pieces between escapes are copied, escapes decoded.
    private mutating func escapedString(from start: Int) throws(JSONError) -> String {
        var result = try text(start..<place)
        var piece = place
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "\""):
                result += try text(piece..<place)
                place += 1
                return result
            case UInt8(ascii: "\\"):
                result += try text(piece..<place)
                result.unicodeScalars.append(try escape())
                piece = place
            case 0..<0x20: throw failure(.controlCharacter)
            default: place += 1
            }
        }
        throw failure(.unexpectedEnd)
    }

    private mutating func escape() throws(JSONError) -> Unicode.Scalar {
        let start = place
        place += 1
        guard place < bytes.count else { throw failure(.unexpectedEnd) }
        let letter = bytes[place]
        place += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape(from: start)
        default: throw failure(.invalidEscape, at: start)
        }
    }

    private mutating func unicodeEscape(from start: Int) throws(JSONError) -> Unicode.Scalar {
        let first = try hexDigits(from: start)
        if let scalar = Unicode.Scalar(first) { return scalar }
        // A surrogate: only a high one followed at once by a low one is a character.
        guard first < 0xDC00, current == UInt8(ascii: "\\"), place + 1 < bytes.count,
            bytes[place + 1] == UInt8(ascii: "u")
        else { throw failure(.loneSurrogate, at: start) }
        place += 2
        let second = try hexDigits(from: start)
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw failure(.loneSurrogate, at: start) }
        return scalar
    }

    private mutating func hexDigits(from start: Int) throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard place < bytes.count else { throw failure(.unexpectedEnd) }
            let digit: UInt8
            switch bytes[place] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = bytes[place] - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = bytes[place] - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = bytes[place] - UInt8(ascii: "A") + 10
            default: throw failure(.invalidEscape, at: start)
            }
            value = value << 4 | UInt32(digit)
            place += 1
        }
        return value
    }
}

// MARK: - Numbers

extension JSONParser {
    private var isDigit: Bool {
        @inline(__always) get { current >= UInt8(ascii: "0") && current <= UInt8(ascii: "9") }
    }

    private mutating func number() throws(JSONError) -> JSONValue {
        let start = place
        let negative = current == UInt8(ascii: "-")
        if negative { place += 1 }
        guard isDigit else { throw failure(place >= bytes.count ? .unexpectedEnd : .invalidNumber) }
        // Digits are gathered while they fit; past that the slower, exact ways below take over.
        var digits: UInt64 = 0
        var fits = true
        let leadingZero = current == UInt8(ascii: "0")
        let wholeStart = place
        while isDigit { gather(&digits, &fits) }
        if leadingZero, place - wholeStart > 1 { throw failure(.invalidNumber, at: start) }

        guard current == UInt8(ascii: ".") || current | 0x20 == UInt8(ascii: "e") else {
            return integer(digits: digits, fits: fits, negative: negative, start: start)
        }
        var scale = 0
        if current == UInt8(ascii: ".") {
            place += 1
            let fractionStart = place
            while isDigit { gather(&digits, &fits) }
            scale = place - fractionStart
            guard scale > 0 else { throw failure(.invalidNumber, at: start) }
        }
        let exponent = try exponent(start: start)
        return try decimal(
            digits: digits, fits: fits, negative: negative, power: exponent.map { $0 - scale }, start: start)
    }

    @inline(__always)
    private mutating func gather(_ digits: inout UInt64, _ fits: inout Bool) {
        let (shifted, overflow) = digits.multipliedReportingOverflow(by: 10)
        let (sum, carry) = shifted.addingReportingOverflow(UInt64(bytes[place] - UInt8(ascii: "0")))
        if overflow || carry { fits = false }
        digits = sum
        place += 1
    }

    private func integer(digits: UInt64, fits: Bool, negative: Bool, start: Int) -> JSONValue {
        if fits, digits <= UInt64(Int64.max) {
            return .integer(negative ? -Int64(digits) : Int64(digits))
        }
        if fits, negative, digits == UInt64(Int64.max) + 1 { return .integer(Int64.min) }
        return .exact(String(decoding: bytes[start..<place], as: UTF8.self))
    }

    /// The power of ten after `e`; 0 where there is none, nil where it is too large to count.
    private mutating func exponent(start: Int) throws(JSONError) -> Int? {
        guard current | 0x20 == UInt8(ascii: "e") else { return 0 }
        place += 1
        let negative = current == UInt8(ascii: "-")
        if negative || current == UInt8(ascii: "+") { place += 1 }
        guard isDigit else {
            throw place >= bytes.count ? failure(.unexpectedEnd) : failure(.invalidNumber, at: start)
        }
        var value = 0
        while isDigit {
            value = min(value * 10 + Int(bytes[place] - UInt8(ascii: "0")), 1_000_000)
            place += 1
        }
        return value == 1_000_000 ? nil : (negative ? -value : value)
    }

    private func decimal(
        digits: UInt64, fits: Bool, negative: Bool, power: Int?, start: Int
    ) throws(JSONError) -> JSONValue {
        // Digits and a power of ten that a double holds exactly: one correctly rounded operation (Clinger, 1990).
        if fits, let power, digits <= 1 << 53, -22...22 ~= power {
            let magnitude = power < 0 ? Double(digits) / powersOfTen[-power] : Double(digits) * powersOfTen[power]
            return kept(negative ? -magnitude : magnitude, start)
        }
        guard let value = Double(String(decoding: bytes[start..<place], as: UTF8.self)), value.isFinite else {
            throw failure(.numberOutOfRange, at: start)
        }
        return kept(value, start)
    }

    /// A double, or the digits of a whole number up to 2^64 − 1 where the double's own are others.
    @inline(__always)
    private func kept(_ value: Double, _ start: Int) -> JSONValue {
        guard value.magnitude >= 0x1p53, value.magnitude <= 0x1p64,
            let whole = WholeNumber.value(of: bytes[start..<place]), whole != WholeNumber.value(of: value)
        else { return .decimal(value) }
        return .exact((value < 0 ? "-" : "") + String(whole))
    }
}

private let powersOfTen: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
    1e20, 1e21, 1e22,
]
