import Models

/// Where a list goes on, as callers see it: opaque, and known again only by the method that gave it, for the list that
/// it gave it for.
///
/// A method writes and reads its own place, a short text; here it is sealed on its way out and opened on its way in,
/// for every method that has a parameter `cursor`. The seal finds mistakes and keeps no secret: a sum over the method's
/// name, the required parameters and the place, in front of the place, in base64 for URLs (RFC 4648, section 5).
enum PageCursor {
    static let parameter = "cursor"
    private static let sumBytes = 8
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// The cursor of a place in the list that these params ask for.
    static func sealed(_ place: String, of list: [String]) -> String {
        let bytes = sum(place, list) + Array(place.utf8)
        return String(decoding: encoded(bytes), as: UTF8.self)
    }

    /// The place; nil where the list never had such a cursor.
    static func place(_ cursor: String, of list: [String]) -> String? {
        guard let bytes = decoded(Array(cursor.utf8)), bytes.count > sumBytes,
            let place = String(validating: bytes[sumBytes...], as: UTF8.self),
            sum(place, list).elementsEqual(bytes[..<sumBytes])
        else { return nil }
        return place
    }

    private static func sum(_ place: String, _ list: [String]) -> [UInt8] {
        var hash = SipHash(key: HashKey(first: 0x6375_7273, second: 0x6f72))
        for part in list { hash.add(part) }
        hash.add(place)
        let (_, low) = hash.finish()
        return (0..<sumBytes).map { UInt8(truncatingIfNeeded: low >> UInt64(8 * $0)) }
    }

    private static func encoded(_ bytes: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 4 / 3 + 3)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let piece = bytes[start..<min(start + 3, bytes.count)]
            var word = UInt32(0)
            for (place, byte) in piece.enumerated() { word |= UInt32(byte) << UInt32(16 - 8 * place) }
            for place in 0...piece.count { text.append(digits[Int(word >> UInt32(18 - 6 * place) & 63)]) }
        }
        return text
    }

    /// Nil where it is not written as ``encoded(_:)`` writes it, to the last bit.
    private static func decoded(_ text: [UInt8]) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count * 3 / 4)
        var word = UInt32(0), bits = 0
        for character in text {
            guard let value = value(of: character) else { return nil }
            word = (word << 6 | value) & 0xFFFF
            bits += 6
            guard bits >= 8 else { continue }
            bits -= 8
            bytes.append(UInt8(truncatingIfNeeded: word >> UInt32(bits)))
        }
        return encoded(bytes) == text ? bytes : nil
    }

    private static func value(of character: UInt8) -> UInt32? {
        switch character {
        case 0x41...0x5A: UInt32(character) - 0x41
        case 0x61...0x7A: UInt32(character) - 0x61 + 26
        case 0x30...0x39: UInt32(character) - 0x30 + 52
        case 0x2D: 62
        case 0x5F: 63
        default: nil
        }
    }
}

extension PageCursor {
    /// Whether the method turns pages.
    static func isTaken(by params: [RPCParameter]) -> Bool {
        params.contains { $0.name == parameter && $0.schema == .cursor }
    }

    /// The handler with places that it wrote itself; a cursor that it did not give is −32602.
    static func sealing(
        _ handler: @escaping RPCMethod.Handler, of method: String, params: [RPCParameter]
    ) -> RPCMethod.Handler {
        let required = params.filter(\.isRequired).map(\.name)
        return { context, given throws(RPCError) in
            let list = [method] + required.map { given[$0]?.text ?? "" }
            var given = given
            if let cursor = given[parameter]?.stringValue {
                guard let place = place(cursor, of: list) else {
                    throw .invalidParams(path: "/" + parameter, message: "is none that this method gave")
                }
                given[parameter] = .string(place)
            }
            let result = try await handler(context, given)
            guard case .object(var page) = result, case .string(let place)? = page[parameter] else { return result }
            page[parameter] = .string(sealed(place, of: list))
            return .object(page)
        }
    }
}
