/// A stimulus on its way into the inbox of a partition.
package struct InboxEntry: Sendable {
    /// Who made it.
    package enum Source: Sendable, Hashable {
        /// From outside Sojourn: refused at the caps, and when memory is short.
        case outside
        /// Sojourn's own (configuration, commands): always taken.
        case inside
    }

    package let partition: Int
    /// A JSON object without the member `at`, which the script puts first.
    package let element: [UInt8]
    /// A keyed hash of the event's id: the same inside the duplicate window is taken once. Only for ``Source/outside``.
    package let duplicateHash: Int64?
    package let source: Source

    package init(partition: Int, element: [UInt8], duplicateHash: Int64? = nil, source: Source = .outside) {
        precondition(element.first == UInt8(ascii: "{") && element.count > 2, "An element is an object with members")
        precondition(source == .outside || duplicateHash == nil, "What is Sojourn's own is taken twice without harm")
        self.partition = partition
        self.element = element
        self.duplicateHash = duplicateHash
        self.source = source
    }
}

/// What became of one entry.
package enum AppendResult: Sendable, Hashable {
    /// It is in the inbox, accepted at this time (ms).
    case appended(at: Int64)
    /// It was in before, inside the duplicate window: to be answered like the first time.
    case duplicate
    /// It was refused, for this queue is full; it may be sent again later.
    case full(FullQueue)
}

/// The queue whose length stops what comes from outside.
package enum FullQueue: String, Sendable, Hashable, CaseIterable {
    case inbox, fetches, actions, steps
}
