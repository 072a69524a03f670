/// Whether a service can do its work. Both answers must come from memory: they are asked for on every request.
package protocol Readiness: Sendable {
    /// Why no new work should be sent here (`/health/ready` answers 503 with it); nil while all is well.
    var reasonNotReady: String? { get }
    /// Why nothing can be answered at all, such as Redis being away (`/rpc` answers 503 with it); nil while it can.
    var reasonAway: String? { get }
}
