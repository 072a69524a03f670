import Queues

/// How careful the owner of a partition is with what may have ended the owner before.
///
/// An owner that dies takes its batch with it, and nobody knows which that was. So the next one marks each batch in
/// the state before it computes it, until as much is passed as one batch can hold or nothing is left that the one
/// before can have had in hand; that costs a round trip a batch. Only where a marked batch ended its owner too is one
/// of its things deadly, most likely, and then exactly these are taken one at a time.
struct Caution: Sendable, Hashable {
    /// Elements and timers of the largest batch.
    static let batchMax = ReadSize.elementsBound + EngineLoop.Settings.timersMax

    /// Things to be passed in marked batches before all that the owner before can have had in hand is done.
    private(set) var marked = 0
    /// Things to be taken one at a time.
    private(set) var alone = 0

    static let none = Caution()

    private init() {}

    init(_ lease: HeldLease) {
        if lease.careful { marked = Self.batchMax }
        if let suspect = Suspect(lease.state["suspect"] ?? ""), suspect.commit == lease.commit {
            alone = suspect.things
        }
    }

    /// What comes next is marked before it is computed.
    var isMarking: Bool { marked > 0 || alone > 0 }

    /// One thing is taken at a time.
    var isAlone: Bool { alone > 0 }

    /// So many things were committed.
    mutating func passed(_ count: Int) {
        alone = max(0, alone - count)
        marked = max(0, marked - count)
    }

    /// Nothing is left of what was to be taken one at a time.
    mutating func endAlone() { alone = 0 }

    /// Nothing is left that the owner before can have had in hand.
    mutating func end() { self = .none }

    /// What the state is to say of the commit after this one, which takes so many things; nil: nothing.
    func suspect(after count: Int, commit: Int64) -> String? {
        let rest = alone - count
        return count > 0 && rest > 0 ? Suspect(commit: commit, things: rest).text : nil
    }
}

/// The field `suspect` of a partition's state, as `markSuspect.lua` writes it: `<commit>:<tries>:<things>:,<owner>,…`.
struct Suspect: Sendable, Hashable {
    /// The number of the commit before the one that may be deadly.
    let commit: Int64
    /// How many things, from that commit on, one of which may be deadly.
    let things: Int

    init(commit: Int64, things: Int) {
        self.commit = commit
        self.things = things
    }

    init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count >= 3, let commit = Int64(parts[0]) else { return nil }
        self.commit = commit
        // Before the number of things was noted, it was always one.
        things = max(1, Int(parts[2]) ?? 1)
    }

    /// Nobody tried that commit yet.
    var text: String { "\(commit):0:\(things):," }
}
