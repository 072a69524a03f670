import Models

/// A person's kept events, read when an expression first looks at them.
package struct KeptEvents: Sendable {
    package static let none = KeptEvents(elements: [])

    /// As Redis holds them, newest first.
    private let elements: [[UInt8]]
    /// Those that came since, newest first.
    private var newer: [KeptEvent] = []

    /// - Parameter elements: of the person's list, newest first; one that cannot be read is passed over.
    package init(elements: [[UInt8]]) {
        self.elements = elements
    }

    /// Puts an event before all others.
    package mutating func keep(_ event: KeptEvent) {
        newer.insert(event, at: 0)
        if newer.count > KeptEvent.countMax { newer.removeLast() }
    }

    /// Together with those that a test keeps for itself, by their times.
    func joined(with own: [KeptEvent]) -> KeptEvents {
        if own.isEmpty { return self }
        var joined = KeptEvents(elements: [])
        joined.newer = (own + all).enumerated().sorted { ($1.element.at, $0.offset) < ($0.element.at, $1.offset) }
            .prefix(KeptEvent.countMax).map(\.element)
        return joined
    }

    /// Newest first.
    var all: [KeptEvent] {
        newer + elements.prefix(KeptEvent.countMax - newer.count).compactMap(KeptEvent.init(bytes:))
    }
}
