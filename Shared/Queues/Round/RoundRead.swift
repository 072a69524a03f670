import Models

/// What to read of one partition in a round.
package struct RoundAsk: Sendable, Hashable {
    package let partition: Int
    package let elementsMax: Int
    package let timersMax: Int
    /// Time of the partition's last commit (ms).
    package let notBefore: Int64

    package init(partition: Int, elementsMax: Int, timersMax: Int, notBefore: Int64) {
        self.partition = partition
        self.elementsMax = elementsMax
        self.timersMax = timersMax
        self.notBefore = notBefore
    }
}

/// A timer as it lies in a partition.
package struct DueTimer: Sendable, Hashable {
    /// Person and instance, as they were put in.
    package let member: String
    /// Milliseconds since 1970.
    package let due: Int64

    package init(member: String, due: Int64) {
        self.member = member
        self.due = due
    }
}

/// The heads of one partition's inbox and timers.
package struct RoundRead: Sendable, Hashable {
    package let partition: Int
    /// In their order, not removed: the commit trims them.
    package let elements: [[UInt8]]
    /// The earliest ones, due or not, in the order of time and then of member.
    package let timers: [DueTimer]
    /// Nothing more was in the inbox when it was read.
    package let isWholeInbox: Bool
    /// The engine's time for this batch (ms): Redis' clock, never less than the last commit's or the last element's.
    package let now: Int64
    /// Timers due up to here belong before all stimuli that were not read: while the inbox was not read to its end,
    /// that is the time of the last element.
    package let horizon: Int64

    init(
        ask: RoundAsk, elements: [[UInt8]], timers: [DueTimer], clock: Int64, limit: Int
    ) {
        partition = ask.partition
        self.elements = elements
        self.timers = timers
        isWholeInbox = elements.count < limit
        // An element that cannot be read says no time; the one before it does.
        let last = elements.lazy.reversed().compactMap { Self.acceptance(of: $0) }.first
        now = max(clock, ask.notBefore, last ?? 0)
        // Not the last commit's time: what was not read may have been accepted long before that.
        horizon = isWholeInbox ? now : last ?? 0
    }

    /// The horizon of a batch that takes only the first elements, at least one.
    package func horizon(taking count: Int) -> Int64 {
        if count >= elements.count { return horizon }
        return elements.prefix(count).lazy.reversed().compactMap { Self.acceptance(of: $0) }.first ?? 0
    }

    /// The time of acceptance that begins an element: `{"at":1767225600000,`.
    package static func acceptance(of element: [UInt8]) -> Int64? {
        guard element.starts(with: "{\"at\":".utf8) else { return nil }
        var time: Int64 = 0
        var digits = 0
        for byte in element.dropFirst(6).prefix(16) {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { break }
            time = time * 10 + Int64(byte - UInt8(ascii: "0"))
            digits += 1
        }
        return digits > 0 ? time : nil
    }
}

/// What to load of the people that a round touches, by `Person.key`.
package struct PeopleAsk: Sendable, Hashable {
    package let partition: Int
    package let travelers: [String]
    package let profiles: [String]
    /// People whose kept events are read.
    package let events: [String]
    /// People whose kept events, and profile, are only seen to be of the right type.
    package let checked: [String]

    package init(
        partition: Int, travelers: [String], profiles: [String], events: [String] = [], checked: [String] = []
    ) {
        self.partition = partition
        self.travelers = travelers
        self.profiles = profiles
        self.events = events
        self.checked = checked
    }
}

extension PeopleAsk {
    /// Nothing is to be read.
    package var isEmpty: Bool { travelers.isEmpty && profiles.isEmpty && events.isEmpty && checked.isEmpty }
}

/// The people of one partition, by `Person.key`; who is not in Redis is not here.
package struct LoadedPeople: Sendable {
    package let partition: Int
    package var travelers: [ExactText: [(String, [UInt8])]] = [:]
    package var profiles: [ExactText: [UInt8]] = [:]
    /// Kept events, newest first.
    package var events: [ExactText: [[UInt8]]] = [:]
    /// People one of whose keys is not of the type expected: they cannot be moved until somebody looked.
    package var broken: Set<ExactText> = []

    init(partition: Int) {
        self.partition = partition
    }
}
