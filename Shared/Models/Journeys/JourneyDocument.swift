/// A journey as its author writes it: a name, properties and nodes.
///
/// Reading never fails, since a draft may be incomplete: what is wrong is in ``problems``, and a harmless stand-in is
/// where the wrong member was. Publishing asks for a document without problems.
package struct JourneyDocument: Sendable, Hashable {
    /// Nodes that a journey may have.
    package static let nodesMax = 10_000

    package let name: String
    package let description: String?
    package let properties: JourneyProperties
    package let nodes: [JourneyNode]
    /// What is wrong, by JSON pointers into the document.
    package let problems: [Problem]
    /// As it was written.
    package let document: JSONObject

    package init(_ document: JSONObject) {
        var reader = ObjectReader(document)
        name = reader.name()
        description = reader.string("description", lengthMax: 4_096)
        var part = ObjectReader(reader.object("properties") ?? JSONObject(), path: "/properties")
        properties = JourneyProperties(&part)
        reader.report(part.problems)
        var nodes: [JourneyNode] = []
        var problems: [Problem] = []
        for (place, item) in (reader.array("nodes", countMax: Self.nodesMax) ?? []).enumerated() {
            var part = ObjectReader(item, path: "/nodes/\(place)")
            nodes.append(JourneyNode(&part, place: place))
            problems += part.problems
        }
        self.nodes = nodes
        reader.refuseUnknown(except: ["revision", "publish", "version", "state", "updatedAt"])
        self.problems = reader.problems + problems
        self.document = document
    }
}
