import Models

/// A definition that is about to be made, changed or deleted.
package struct DefinitionChange: Sendable {
    package let kind: DefinitionKind
    package let name: String
    /// As it is stored; nil: it is new.
    package let old: JSONObject?
    /// As it is to be; nil: it is to go.
    package let new: JSONObject?

    package init(kind: DefinitionKind, name: String, old: JSONObject?, new: JSONObject?) {
        self.kind = kind
        self.name = name
        self.old = old
        self.new = new
    }

    /// Whether one of these members becomes another.
    package func changes(_ members: String...) -> Bool {
        guard let old, let new else { return true }
        return members.contains { (old[$0] ?? .null) != (new[$0] ?? .null) }
    }
}

/// What a change would break: who, and what of the change does it. Empty where it breaks nobody.
package struct Breakage: Sendable {
    /// What is said of one change at most.
    package static let problemsMax = 50

    package private(set) var uses: [DefinitionUse] = []
    package private(set) var problems: [Problem] = []

    package init() {}

    package var isEmpty: Bool { uses.isEmpty }

    /// Notes one that would break, with the reasons.
    package mutating func add(_ use: DefinitionUse, _ reasons: [Problem]) {
        uses.append(use)
        problems += reasons.prefix(Self.problemsMax - problems.count)
    }
}
