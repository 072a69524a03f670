/// Why a pattern cannot be taken, and where.
package struct LinearRegexError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Kind: Sendable, Hashable {
        /// This is no regular expression of ECMA-262.
        case syntax
        /// It is one, but cannot be matched in linear time (look-around, back-references) or is not built.
        case unsupported
        /// It is larger than ``LinearRegex`` takes.
        case tooLarge
    }

    package let kind: Kind
    /// The code point of the pattern, from 0.
    package let offset: Int
    /// A clause that follows on "at place N:".
    package let reason: String

    package var description: String { "at place \(offset): \(reason)" }
}
