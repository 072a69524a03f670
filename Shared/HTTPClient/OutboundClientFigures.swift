/// A snapshot of an `OutboundClient`, for metrics.
package struct OutboundClientFigures: Sendable, Hashable {
    /// Requests under way.
    package var inFlight = 0
    /// Requests waiting for a place.
    package var waiting = 0
    /// Handles made and kept; never more than `inFlightMax`.
    package var handles = 0
    /// Requests answered since the start.
    package var completed = 0
    /// Requests failed since the start.
    package var failed = 0
    /// Connections opened since the start.
    package var connectionsOpened = 0
}
