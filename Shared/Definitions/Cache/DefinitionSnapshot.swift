import Models

/// All definitions of a kind at one moment: immutable, so that whoever holds it sees one state.
package final class DefinitionSnapshot<D: Definition>: Sendable {
    package let byName: [String: D]
    /// By name.
    package let sorted: [D]
    /// The number of the kind's writes that this was read at.
    package let changes: Int64
    /// False until the first load: nothing is here, and nothing is known.
    package let isLoaded: Bool

    package init(_ definitions: [D], changes: Int64, isLoaded: Bool = true) {
        sorted = definitions
        byName = Dictionary(definitions.map { ($0.name, $0) }) { first, _ in first }
        self.changes = changes
        self.isLoaded = isLoaded
    }

    package static var notLoaded: DefinitionSnapshot<D> { DefinitionSnapshot([], changes: -1, isLoaded: false) }

    package subscript(_ name: String) -> D? { byName[name] }
}
