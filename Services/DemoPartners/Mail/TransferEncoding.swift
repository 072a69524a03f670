/// The two encodings of RFC 2045 that change bytes. What does not belong is passed over, as mail readers do.
enum TransferEncoding {
    static func base64(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var decoded: [UInt8] = []
        var bits = 0
        var count = 0
        for byte in bytes {
            guard let digit = base64Digit(byte) else { continue }
            bits = bits << 6 | digit
            count += 6
            guard count >= 8 else { continue }
            count -= 8
            decoded.append(UInt8(truncatingIfNeeded: bits >> count))
            bits &= (1 << count) - 1
        }
        return decoded
    }

    static func quotedPrintable(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var decoded: [UInt8] = []
        var rest = Array(bytes)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "=") else {
                decoded.append(byte)
                continue
            }
            if rest.first == 10 {
                rest.removeFirst()
            } else if rest.starts(with: [13, 10]) {
                rest.removeFirst(2)
            } else if rest.count >= 2, let high = hexDigit(rest[rest.startIndex]),
                let low = hexDigit(rest[rest.startIndex + 1])
            {
                decoded.append(high << 4 | low)
                rest.removeFirst(2)
            } else {
                decoded.append(byte)
            }
        }
        return decoded
    }

    private static func base64Digit(_ byte: UInt8) -> Int? {
        switch byte {
        case 0x41...0x5A: Int(byte) - 0x41
        case 0x61...0x7A: Int(byte) - 0x61 + 26
        case 0x30...0x39: Int(byte) - 0x30 + 52
        case 0x2B: 62
        case 0x2F: 63
        default: nil
        }
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }
}
