import Redis

/// A partition that this process owns, as it stood when the lease was taken.
package struct HeldLease: Sendable, Hashable {
    package let partition: Int
    /// What every commit shows: it grows at each change of owner.
    package let fence: Int64
    /// Number of the last commit.
    package let commit: Int64
    /// Number of the last step event.
    package let step: Int64
    /// Time of the last commit (ms): time goes on from here and never runs back.
    package let time: Int64
    /// The owner before did not give the lease back: it may have died of what comes next.
    package let careful: Bool
    /// All fields of the partition's state: `suspect`, `walk:…`, counters.
    package let state: [String: String]

    init(partition: Int, state: [String: String]) throws(QueueError) {
        func number(_ field: String) -> Int64 { Int64(state[field] ?? "0") ?? 0 }
        self.partition = partition
        self.state = state
        fence = number("fence")
        commit = number("commit")
        step = number("step")
        time = number("time")
        careful = state["careful"] == "1"
        if fence == 0 { throw QueueError(.broken, "A lease was taken without a fence") }
    }

    /// Who holds the lease, in the answer of `takeLease.lua`, where it is another.
    static func holder(_ reply: RedisReply) -> String? {
        guard let parts = reply.elements, parts.count == 2, parts[0].integerValue == 0 else { return nil }
        return parts[1].text
    }

    /// Reads the answer of `takeLease.lua`; nil where another holds the lease.
    init?(partition: Int, reply: RedisReply) throws(QueueError) {
        guard let parts = reply.elements, let isHeld = parts.first?.integerValue else {
            throw QueueError(.broken, "Taking a lease answered in an unknown form")
        }
        guard isHeld == 1, parts.count == 2, let fields = parts[1].elements else { return nil }
        var state: [String: String] = [:]
        for place in stride(from: 0, to: fields.count - 1, by: 2) {
            if let name = fields[place].text { state[name] = fields[place + 1].text }
        }
        try self.init(partition: partition, state: state)
    }
}

/// What a beat of the lease keeper changed.
package struct LeaseChanges: Sendable, Hashable {
    package var taken: [HeldLease] = []
    /// Taken over by another owner: whatever is held in memory of them is void.
    package var lost: [Int] = []
    /// More than the share: to be given back by ``LeaseKeeper/giveBack(_:)`` once their work in progress is done.
    package var surplus: [Int] = []

    package init() {}
}

/// Times of leases.
package struct LeaseSettings: Sendable, Hashable {
    /// A lease that nobody renewed for so long may be taken by another.
    package var lease: Duration = .seconds(10)
    /// How often to beat: several times in a lease.
    package var beatEvery: Duration = .seconds(2)
    /// A replica silent for so long is no longer counted.
    package var replicaGone: Duration = .seconds(15)

    package init() {}
}
