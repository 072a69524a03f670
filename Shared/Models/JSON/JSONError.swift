/// Why bytes are not JSON, and where.
package struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Reason: String, Sendable {
        case empty = "there is nothing here"
        case byteOrderMark = "a byte order mark is not allowed"
        case unexpectedEnd = "the text ends in the middle of a value"
        case unexpectedByte = "this is not where a value, comma, colon or bracket may stand"
        case trailingContent = "something follows after the value"
        case trailingComma = "a comma must be followed by another item"
        case duplicateKey = "this object has the same key twice"
        case invalidEscape = "this escape is none of JSON's"
        case loneSurrogate = "a surrogate stands without its other half"
        case controlCharacter = "a control character in a string must be written as an escape"
        case invalidUTF8 = "this is not UTF-8"
        case invalidNumber = "a number is written as JSON has it: no leading zero, a digit on both sides of the point"
        case numberOutOfRange = "this number is beyond the range of a double"
        case tooDeep = "arrays and objects are nested too deep"
    }

    /// The byte, from 0, at which reading stopped.
    package let offset: Int
    package let reason: Reason

    package init(offset: Int, reason: Reason) {
        self.offset = offset
        self.reason = reason
    }

    package var description: String { "not JSON at byte \(offset): \(reason.rawValue)" }
}

/// What a JSON text may be at most.
package struct JSONLimits: Sendable {
    /// Levels of arrays and objects inside each other.
    package var depth: Int

    /// Whether an object may have a key twice, and the last one counts: how others write and read JSON. Sojourn's own
    /// documents and events are refused with one, so that nothing means two things.
    package var keepsLastOfRepeatedKeys: Bool

    package init(depth: Int = 128, keepsLastOfRepeatedKeys: Bool = false) {
        self.depth = depth
        self.keepsLastOfRepeatedKeys = keepsLastOfRepeatedKeys
    }
}
