/// Text that is the same as another only where its bytes are.
///
/// Swift takes texts for the same that write the same letters with other characters: "é" as one and as two. Ids, keys
/// of JSON objects and data are not the same then, so that what is looked up by them is keyed by this type.
package struct ExactText: Sendable, Hashable, Comparable, CustomStringConvertible, ExpressibleByStringInterpolation {
    package let text: String

    package init(_ text: String) {
        self.text = text
    }

    package init(stringLiteral text: String) {
        self.text = text
    }

    package var description: String { text }

    package static func == (one: ExactText, other: ExactText) -> Bool { one.text.hasBytes(of: other.text) }

    package static func < (one: ExactText, other: ExactText) -> Bool { one.text.byteOrder(to: other.text) < 0 }

    package func hash(into hasher: inout Hasher) { text.hashBytes(into: &hasher) }
}

extension String {
    /// Whether both have the same bytes.
    @inline(__always)
    package func hasBytes(of other: String) -> Bool {
        // Texts of ASCII are the same only so, and texts of other bytes seldom get past the first comparison.
        guard self == other else { return false }
        return utf8Span.isKnownASCII && other.utf8Span.isKnownASCII || utf8.elementsEqual(other.utf8)
    }

    /// −1, 0 or 1 as the bytes come before those of the other, are the same, or come after them. That is the order of
    /// the characters' numbers.
    package func byteOrder(to other: String) -> Int {
        if utf8Span.isKnownASCII && other.utf8Span.isKnownASCII { return self < other ? -1 : (self == other ? 0 : 1) }
        if utf8.lexicographicallyPrecedes(other.utf8) { return -1 }
        return utf8.elementsEqual(other.utf8) ? 0 : 1
    }

    /// Hashes the bytes: texts that Swift takes for the same have hashes of their own, however many somebody makes.
    package func hashBytes(into hasher: inout Hasher) {
        var text = self
        text.withUTF8 { bytes in
            hasher.combine(bytes: UnsafeRawBufferPointer(bytes))
            // No text has this byte, so that neighbours do not run together.
            hasher.combine(UInt8(0xFF))
        }
    }

    /// The text in Unicode's composed normal form (NFC), in which texts that write the same letters have the same
    /// bytes.
    package var composed: String {
        if utf8Span.isKnownASCII { return self }
        // The standard library compares texts by these bytes.
        let bytes = _nfcCodeUnits
        return utf8.elementsEqual(bytes) ? self : String(decoding: bytes, as: UTF8.self)
    }
}

extension Character {
    /// Whether both are written with the same bytes.
    package func hasBytes(of other: Character) -> Bool { self == other && utf8.elementsEqual(other.utf8) }
}
