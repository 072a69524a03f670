/// Addresses of RFC 3986 and 3987, templates of RFC 6570, JSON pointers of RFC 6901.
extension FormatReader {
    mutating func reference(needsScheme: Bool, allowsNonASCII: Bool) -> Bool {
        let hasScheme = scheme()
        if needsScheme, !hasScheme { return false }
        let hasAuthority = current == UInt8(ascii: "/") && place + 1 < end && bytes[place + 1] == UInt8(ascii: "/")
        if hasAuthority {
            place += 2
            guard authority(allowsNonASCII) else { return false }
        }
        let pathStart = place
        guard characters(besides: ":@/", allowsNonASCII) else { return false }
        if !hasScheme, !hasAuthority {
            // The first segment of a relative path holds no colon: it would read as a scheme.
            let segment = bytes[pathStart..<place].prefix { $0 != UInt8(ascii: "/") }
            if segment.contains(UInt8(ascii: ":")) { return false }
        }
        if take("?"), !characters(besides: ":@/?", allowsNonASCII) { return false }
        if take("#"), !characters(besides: ":@/?", allowsNonASCII) { return false }
        return isAtEnd
    }

    /// A scheme and its colon; nothing is read where there is none.
    private mutating func scheme() -> Bool {
        let start = place
        if current.isLetter {
            while current.isLetter || current.isDigit || current.isOne(of: "+-.") { place += 1 }
            if take(":") { return true }
        }
        place = start
        return false
    }

    private mutating func authority(_ allowsNonASCII: Bool) -> Bool {
        let stop = bytes[place..<end].firstIndex { $0.isOne(of: "/?#") } ?? end
        var part = FormatReader(bytes, place..<stop)
        place = stop
        if let at = part.first("@") {
            var user = FormatReader(bytes, part.place..<at)
            guard user.characters(besides: ":", allowsNonASCII), user.isAtEnd else { return false }
            part.place = at + 1
        }
        if part.take("[") {
            guard let close = part.first("]") else { return false }
            var literal = FormatReader(bytes, part.place..<close)
            guard literal.ipLiteral() else { return false }
            part.place = close + 1
        } else {
            guard part.characters(besides: "", allowsNonASCII) else { return false }
        }
        if part.take(":") { _ = part.skipDigits() }
        return part.isAtEnd
    }

    private mutating func ipLiteral() -> Bool {
        guard current | 0x20 == UInt8(ascii: "v") else { return ipv6() }
        place += 1
        guard skipHexadecimal(max: .max) > 0, take("."), !isAtEnd else { return false }
        return characters(besides: ":", false) && isAtEnd
    }

    /// Moves over unreserved characters, sub-delimiters, percent escapes and the given ones; false at a broken escape.
    private mutating func characters(besides others: StaticString, _ allowsNonASCII: Bool) -> Bool {
        while place < end {
            let byte = bytes[place]
            if byte == UInt8(ascii: "%") {
                guard percentEscape() else { return false }
            } else if byte.isLetter || byte.isDigit || byte.isOne(of: "-._~!$&'()*+,;=") || byte.isOne(of: others)
                || (allowsNonASCII && byte >= 0x80)
            {
                place += 1
            } else {
                break
            }
        }
        return true
    }

    private mutating func percentEscape() -> Bool {
        place += 1
        return skipHexadecimal(max: 2) == 2
    }

    // MARK: Templates

    mutating func uriTemplate() -> Bool {
        while place < end {
            let byte = bytes[place]
            switch byte {
            case UInt8(ascii: "{"):
                place += 1
                guard templateExpression() else { return false }
            case UInt8(ascii: "%"): guard percentEscape() else { return false }
            default:
                if byte <= 0x20 || byte == 0x7F || byte.isOne(of: "\"<>\\^`|}") { return false }
                place += 1
            }
        }
        return true
    }

    private mutating func templateExpression() -> Bool {
        if current.isOne(of: "+#./;?&=,!@|") { place += 1 }
        repeat {
            repeat {
                let start = place
                while place < end {
                    if current == UInt8(ascii: "%") {
                        guard percentEscape() else { return false }
                    } else if current.isLetter || current.isDigit || current == UInt8(ascii: "_") {
                        place += 1
                    } else {
                        break
                    }
                }
                if place == start { return false }
            } while take(".")
            if take(":") {
                let start = place
                guard (1...4).contains(skipDigits()), bytes[start] != UInt8(ascii: "0") else { return false }
            } else {
                _ = take("*")
            }
        } while take(",")
        return take("}")
    }

    // MARK: Pointers

    mutating func jsonPointer() -> Bool {
        if isAtEnd { return true }
        guard current == UInt8(ascii: "/") else { return false }
        while place < end {
            let isTilde = bytes[place] == UInt8(ascii: "~")
            place += 1
            if isTilde, !take("0"), !take("1") { return false }
        }
        return true
    }

    mutating func relativeJSONPointer() -> Bool {
        let start = place
        let digits = skipDigits()
        guard digits > 0, digits == 1 || bytes[start] != UInt8(ascii: "0") else { return false }
        if take("#") { return isAtEnd }
        return jsonPointer()
    }
}
