/// Email addresses, host names and addresses of the Internet.
extension FormatReader {
    /// A mailbox of RFC 5321 (of RFC 6531 with other characters than ASCII).
    mutating func email(allowsNonASCII: Bool) -> Bool {
        let start = place
        guard current == UInt8(ascii: "\"") ? quotedLocalPart(allowsNonASCII) : dottedLocalPart(allowsNonASCII),
            place - start <= 64, take("@")
        else { return false }
        guard take("[") else { return hostname(allowsNonASCII: allowsNonASCII) }
        guard place < end, bytes[end - 1] == UInt8(ascii: "]") else { return false }
        var literal = FormatReader(bytes, place..<end - 1)
        for letter: Unicode.Scalar in ["I", "P", "v", "6", ":"] where !literal.take(letter) {
            literal.place = place
            return literal.ipv4() && literal.isAtEnd
        }
        return literal.ipv6()
    }

    private mutating func dottedLocalPart(_ allowsNonASCII: Bool) -> Bool {
        repeat {
            let start = place
            while place < end {
                let byte = bytes[place]
                guard
                    byte.isLetter || byte.isDigit || byte.isOne(of: "!#$%&'*+-/=?^_`{|}~")
                        || (allowsNonASCII && byte >= 0x80)
                else { break }
                place += 1
            }
            if place == start { return false }
        } while take(".")
        return true
    }

    private mutating func quotedLocalPart(_ allowsNonASCII: Bool) -> Bool {
        place += 1
        while place < end {
            let byte = bytes[place]
            place += 1
            if byte == UInt8(ascii: "\"") { return true }
            if byte == UInt8(ascii: "\\") {
                guard (0x20...0x7E).contains(current) else { return false }
                place += 1
            } else if byte < 0x20 || byte == 0x7F || (byte >= 0x80 && !allowsNonASCII) {
                return false
            }
        }
        return false
    }

    /// RFC 1123: labels of letters, digits and inner hyphens, up to 63 bytes each and 253 in all.
    mutating func hostname(allowsNonASCII: Bool) -> Bool {
        guard !isAtEnd, end - place <= 253 else { return false }
        repeat {
            let start = place
            while place < end {
                let byte = bytes[place]
                guard byte.isLetter || byte.isDigit || byte == UInt8(ascii: "-") || (allowsNonASCII && byte >= 0x80)
                else { break }
                place += 1
            }
            guard place > start, place - start <= 63, bytes[start] != UInt8(ascii: "-"),
                bytes[place - 1] != UInt8(ascii: "-")
            else { return false }
        } while take(".")
        return isAtEnd
    }

    /// Four numbers without leading zeros.
    mutating func ipv4() -> Bool {
        for part in 0..<4 {
            if part > 0, !take(".") { return false }
            let start = place
            let digits = skipDigits()
            guard (1...3).contains(digits), digits == 1 || bytes[start] != UInt8(ascii: "0") else { return false }
            let value = bytes[start..<place].reduce(0) { $0 * 10 + Int($1 - 0x30) }
            if value > 255 { return false }
        }
        return true
    }

    /// RFC 4291, without a zone: eight groups, one run of which may be `::`, the last two of which may be an IPv4
    /// address.
    mutating func ipv6() -> Bool {
        var groups = 0
        var hasGap = false
        if current == UInt8(ascii: ":") {
            place += 1
            guard take(":") else { return false }
            hasGap = true
            if isAtEnd { return true }
        }
        while groups < 8 {
            let start = place
            guard skipHexadecimal(max: 4) > 0 else { return false }
            if current == UInt8(ascii: ".") {
                place = start
                groups += 2
                guard ipv4(), isAtEnd else { return false }
                break
            }
            groups += 1
            if isAtEnd { break }
            guard take(":") else { return false }
            if current == UInt8(ascii: ":") {
                if hasGap { return false }
                hasGap = true
                place += 1
                if isAtEnd { break }
            }
        }
        return isAtEnd && (hasGap ? groups <= 7 : groups == 8)
    }

    mutating func uuid() -> Bool {
        for (part, length) in [8, 4, 4, 4, 12].enumerated() {
            if part > 0, !take("-") { return false }
            if skipHexadecimal(max: length) != length { return false }
        }
        return isAtEnd
    }
}
