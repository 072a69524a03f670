/// Is told of each call, for figures. Is called on the way of every request: it must not wait.
package protocol RPCObserver: Sendable {
    /// - Parameters:
    ///   - method: a registered name, or nil for one that nobody registered.
    ///   - error: nil where the call had a result.
    func answered(method: String?, error: RPCErrorCode?, duration: Duration)
    /// A request to any path, once its answer is known.
    func answered(status: Int)
}

/// Nobody wants the figures.
package struct SilentObserver: RPCObserver {
    package init() {}
    package func answered(method: String?, error: RPCErrorCode?, duration: Duration) {}
    package func answered(status: Int) {}
}
