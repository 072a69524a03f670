/// What a test or a dry run leaves on everything that follows from it: `"run":"t-1","runKind":"test"`.
///
/// Whatever carries a mark is seen by its own run alone.
package struct RunMark: Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable {
        /// Chosen people and triggered events.
        case test
        /// Live events, with nothing sent.
        case dryRun
    }

    package let id: String
    package let kind: Kind

    package init(id: String, kind: Kind) {
        self.id = id
        self.kind = kind
    }

    /// Nil where the element carries no mark.
    init?(_ reader: ElementReader) throws(MalformedElement) {
        guard let id = try reader.optionalString("run") else { return nil }
        guard let kind = Kind(rawValue: try reader.string("runKind")) else {
            throw MalformedElement("there is no such kind of run")
        }
        self.init(id: id, kind: kind)
    }
}

extension ElementWriter {
    mutating func add(_ run: RunMark?) {
        guard let run else { return }
        add("run", run.id)
        add("runKind", run.kind.rawValue)
    }
}
