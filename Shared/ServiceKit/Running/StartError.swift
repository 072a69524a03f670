/// Why a service cannot start, though its settings are right: one sentence for whoever started it. Exit code 1.
package struct StartError: Error, Sendable, CustomStringConvertible {
    package let sentence: String
    /// What was underneath, for the log.
    package let cause: (any Error)?

    package init(_ sentence: String, cause: (any Error)? = nil) {
        self.sentence = sentence
        self.cause = cause
    }

    package var description: String { sentence }
}
