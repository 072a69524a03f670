import Models
import Synchronization

/// What the walks of this process did so far.
final class WalkFigures: Sendable {
    private let people = Atomic<Int>(0)

    /// Notes people that an audience was evaluated for.
    func walked(_ count: Int) { people.add(count, ordering: .relaxed) }

    var evaluated: Int { people.load(ordering: .relaxed) }
}
