/// Places at one endpoint: so that what hangs there holds only its own share of the process.
package struct Bulkhead: Sendable, Hashable {
    /// The number of places.
    package private(set) var limit: Int

    /// The places taken.
    package private(set) var inside = 0

    /// A bulkhead with `limit` places, at least one.
    package init(limit: Int) {
        self.limit = max(limit, 1)
    }

    /// Takes a place; `false` when there is none.
    package mutating func enter() -> Bool {
        guard inside < limit else { return false }
        inside += 1
        return true
    }

    /// Gives a place back.
    package mutating func leave() {
        precondition(inside > 0, "A place was given back that nobody had taken.")
        inside -= 1
    }

    /// Changes the number of places; those inside beyond it stay until they leave.
    package mutating func resize(to limit: Int) {
        self.limit = max(limit, 1)
    }
}
