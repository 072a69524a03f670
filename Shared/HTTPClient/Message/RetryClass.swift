/// What may be assumed when a failed call is made once more.
package enum RetryClass: String, Sendable, Hashable {
    /// It would fail the same way, or was performed already.
    case never

    /// Nothing was sent: a repeat cannot count twice.
    case safe

    /// It may have been performed: repeat only what may count twice or carries an idempotency key.
    case unknownOutcome
}
