/// Waits until the condition is true, and throws when it was not within the time, which is to be far more than a busy
/// machine needs: only a failure takes it.
///
/// - Parameter what: the condition in words, for the failure.
package func eventually(
    within limit: Duration = .seconds(30), _ what: String = "the condition",
    isolation: isolated (any Actor)? = #isolation, _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else {
            throw TestKitError("Within \(limit) it never came to this: \(what).")
        }
        try await Task.sleep(for: .milliseconds(2))
    }
}
