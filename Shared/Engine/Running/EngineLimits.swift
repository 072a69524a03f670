import Models

/// The bounds of the engine.
package struct EngineLimits: Sendable {
    /// Nodes passed in one go, without a wait, an event, a look-up or an action between; past it the instance ends as
    /// error `runaway`.
    package var movesMax = 1_000
    /// Events, reactions and audience changes kept by one instance while something is pending; past it what can fit
    /// nothing any more is dropped, then the oldest.
    package var keptEventsMax = 16
    /// Instances of one person, over all journeys.
    package var instancesMax = 100
    /// Last entries remembered for one person; a person at this bound enters nothing that would add one.
    package var lastEntriesMax = 5_000
    /// Bytes of JSON that the state of one instance may have, roughly counted.
    package var stateBytesMax = 262_144
    /// Bytes of a profile: what `profiles.upsert` takes. A node that would make it larger fails.
    package var profileBytesMax = ProfileDocument.bytesMax
    /// Rounds of look-ups at one visit to a node, and for each further path of a condition: a parameter of one may
    /// depend on the answer to another.
    package var lookupRoundsMax = 16
    /// Jumps one from another between two events; a further one is refused `jumpLoop`.
    package var jumpsMax: Int64 = 10
    /// Jumps that one stimulus may cause, in whatever order; a further one is refused `jumpLoop`.
    package var jumpsPerStimulusMax = 1_000
    /// Audience changes one from another; a further one moves nobody and is refused `changeLoop`.
    package var changesMax: Int64 = 10
    /// A wait or time-out that ends later than this after the change that an instance follows begins a new chain.
    package var chainMilliseconds: Int64 = 60_000
    /// Goals of one person that may still be reached after the instances left; the one that ends first makes room.
    package var openGoalsMax = 200
    /// After this long a pending request is given up, whatever the dispatcher says later.
    package var guardMilliseconds: Int64 = 86_400_000
    /// After this long it is asked again whether an instance without a plan can go on.
    package var retryMilliseconds: Int64 = 60_000
    /// What is kept for one instance without a plan; past it the oldest event makes room, never an outcome.
    package var asideMax = 16

    package init() {}
}
