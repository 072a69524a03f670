import Models

/// A text as the characters that a reader sees, for searching in linear time. Characters are the same where their bytes
/// are.
struct Text {
    private let characters: [Character]

    init(_ text: String) {
        characters = Array(text)
    }

    /// Where the part first stands; 0 for an empty one.
    func place(of part: Text) -> Int? {
        Text.place(of: part.characters, in: characters)
    }

    /// Where the part last stands; the end for an empty one.
    func lastPlace(of part: Text) -> Int? {
        Text.place(of: part.characters.reversed(), in: characters.reversed()).map {
            characters.count - $0 - part.characters.count
        }
    }

    /// Whether the text's first characters are those of the part.
    static func begins(_ text: String, with part: String) -> Bool {
        text.starts(with: part) { $0.hasBytes(of: $1) }
    }

    /// Whether the text's last characters are those of the part.
    static func ends(_ text: String, with part: String) -> Bool {
        text.reversed().starts(with: part.reversed()) { $0.hasBytes(of: $1) }
    }

    /// Knuth, Morris and Pratt's search: no text makes it slow.
    private static func place(of part: [Character], in text: [Character]) -> Int? {
        if part.isEmpty { return 0 }
        if part.count > text.count { return nil }
        var borders = [0]
        borders.reserveCapacity(part.count)
        var matched = 0
        for character in part.dropFirst() {
            while matched > 0, !part[matched].hasBytes(of: character) { matched = borders[matched - 1] }
            if part[matched].hasBytes(of: character) { matched += 1 }
            borders.append(matched)
        }
        matched = 0
        for (place, character) in text.enumerated() {
            while matched > 0, !part[matched].hasBytes(of: character) { matched = borders[matched - 1] }
            if part[matched].hasBytes(of: character) { matched += 1 }
            if matched == part.count { return place - matched + 1 }
        }
        return nil
    }

    private static let hexadecimal = Array("0123456789abcdef".utf8)

    /// Two digits a byte.
    static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        let digits = bytes.flatMap { [hexadecimal[Int($0 >> 4)], hexadecimal[Int($0 & 15)]] }
        return String(decoding: digits, as: UTF8.self)
    }

    /// RFC 3986: everything but the unreserved characters as %XX of its UTF-8.
    static func urlEncoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                bytes.append(byte)
            default:
                let digits = [hexadecimal[Int(byte >> 4)], hexadecimal[Int(byte & 15)]]
                bytes.append(UInt8(ascii: "%"))
                bytes.append(contentsOf: digits.map { $0 >= UInt8(ascii: "a") ? $0 - 32 : $0 })
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A UUID of version 4 (RFC 9562) out of 128 bits.
    static func uuid(_ high: UInt64, _ low: UInt64) -> String {
        let high = high & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        let low = low & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        var bytes: [UInt8] = []
        for place in 0..<32 {
            if [8, 12, 16, 20].contains(place) { bytes.append(UInt8(ascii: "-")) }
            let word = place < 16 ? high : low
            bytes.append(hexadecimal[Int(word >> UInt64(60 - 4 * (place % 16)) & 15)])
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
