import Models

/// Finds the text of `id` members in a request that was parsed already.
///
/// ``JSONValue`` keeps the value of a number and not its spelling; the few requests whose `id` has one that may
/// differ are walked once more. Linear, without recursion; relies on the bytes being valid JSON.
struct IdentifierScanner {
    private let bytes: UnsafeRawBufferPointer
    private var place = 0

    private init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Of a single request one text, of a batch one for each member; nil where the member has no `id`.
    static func identifiers(in bytes: UnsafeRawBufferPointer) -> [[UInt8]?] {
        var scanner = IdentifierScanner(bytes)
        scanner.skipSpace()
        guard scanner.current == UInt8(ascii: "[") else { return [scanner.member()] }
        var texts: [[UInt8]?] = []
        scanner.place += 1
        scanner.skipSpace()
        while scanner.current != UInt8(ascii: "]"), scanner.place < bytes.count {
            texts.append(scanner.member())
            scanner.skipSpace()
            if scanner.current == UInt8(ascii: ",") { scanner.place += 1 }
            scanner.skipSpace()
        }
        return texts
    }

    private var current: UInt8 { place < bytes.count ? bytes[place] : 0 }

    private mutating func skipSpace() {
        while place < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[place]) { place += 1 }
    }

    /// Walks over one value; the text of its `id` where it is an object that has one.
    private mutating func member() -> [UInt8]? {
        guard current == UInt8(ascii: "{") else {
            skipValue()
            return nil
        }
        var found: [UInt8]?
        place += 1
        skipSpace()
        while current != UInt8(ascii: "}"), place < bytes.count {
            let key = text { $0.skipString() }
            skipSpace()
            place += 1
            skipSpace()
            let value = text { $0.skipValue() }
            if Self.isIdentifier(key: key) { found = value }
            skipSpace()
            if current == UInt8(ascii: ",") { place += 1 }
            skipSpace()
        }
        place += 1
        return found
    }

    /// A key may be spelt with escapes; only then is it worth a parse.
    private static func isIdentifier(key: [UInt8]) -> Bool {
        if key == Array("\"id\"".utf8) { return true }
        guard key.contains(UInt8(ascii: "\\")), key.count <= 14 else { return false }
        return (try? JSONValue.parse(key)) == "id"
    }

    private mutating func text(_ walk: (inout IdentifierScanner) -> Void) -> [UInt8] {
        let start = place
        walk(&self)
        return Array(bytes[start..<place])
    }

    private mutating func skipString() {
        place += 1
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "\\"): place += 2
            case UInt8(ascii: "\""):
                place += 1
                return
            default: place += 1
            }
        }
    }

    private mutating func skipValue() {
        var depth = 0
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "\""): skipString()
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                place += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { return }
                depth -= 1
                place += 1
            case UInt8(ascii: ","), 0x20, 0x0A, 0x0D, 0x09:
                if depth == 0 { return }
                place += 1
            default: place += 1
            }
            if depth == 0, place > 0,
                [UInt8(ascii: "\""), UInt8(ascii: "}"), UInt8(ascii: "]")].contains(bytes[place - 1])
            {
                return
            }
        }
    }
}
