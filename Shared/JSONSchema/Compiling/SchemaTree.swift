/// A compiled schema's subschemas, immutable; the root is the first.
struct SchemaTree: Sendable {
    struct Anchor: Sendable, Hashable {
        let resource: Int
        let name: String
    }

    let nodes: [SchemaNode]
    /// Targets of `$dynamicRef`; empty where there is none, and nothing need be remembered of the way.
    let dynamicAnchors: [Anchor: Int]
}
