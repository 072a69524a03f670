import Models

/// What a subschema says of a value together with those that it leads to in place: `$ref`, `allOf`, alternatives.
struct SchemaView {
    struct Property {
        let name: String
        /// Subschemas that all say something of it.
        var nodes: [Int]
        var isRequired: Bool
    }

    private(set) var types: SchemaTypes = []
    private(set) var format: SchemaFormat?
    private(set) var title: String?
    private(set) var properties: [Property] = []
    /// Subschemas of the items of an array, beginning with those of `prefixItems`.
    private(set) var items: [Int] = []
    private var places: [ExactText: Int] = [:]
    private var visited: Set<Int> = []

    init(_ nodes: [Int], in tree: SchemaTree) {
        for node in nodes { add(node, tree, isCertain: true) }
    }

    /// A subschema that only may apply requires nothing, and narrows no types.
    private mutating func add(_ place: Int, _ tree: SchemaTree, isCertain: Bool) {
        guard visited.insert(place).inserted else { return }
        let node = tree.nodes[place]
        narrow(to: node.types, isCertain: isCertain)
        format = format ?? node.strings?.format
        title = title ?? node.annotations.title ?? node.annotations.description
        for property in node.objects?.properties ?? [] {
            add(property, isRequired: property.isRequired && isCertain)
        }
        if let arrays = node.arrays {
            items += arrays.prefix
            if let rest = arrays.items, tree.nodes[rest].always != false { items.append(rest) }
        }
        guard let combination = node.combination else { return }
        let certain = [combination.reference, combination.dynamic?.fallback].compactMap { $0 } + combination.allOf
        for part in certain { add(part, tree, isCertain: isCertain) }
        addAlternatives(combination.anyOf + combination.oneOf, tree)
        for part in [combination.consequence, combination.alternative].compactMap({ $0 }) {
            add(part, tree, isCertain: false)
        }
    }

    private mutating func addAlternatives(_ parts: [Int], _ tree: SchemaTree) {
        guard !parts.isEmpty else { return }
        let outer = types
        types = []
        var union: SchemaTypes = []
        for part in parts {
            add(part, tree, isCertain: false)
            union.formUnion(types)
            types = []
        }
        types = outer.isEmpty ? union : outer
    }

    private mutating func narrow(to own: SchemaTypes, isCertain: Bool) {
        if own.isEmpty { return }
        if types.isEmpty {
            types = own
        } else if isCertain {
            var both = types.intersection(own)
            // A number that is an integer is an integer.
            if both.isEmpty, types.union(own).isSuperset(of: [.number, .integer]) { both = .integer }
            if !both.isEmpty { types = both }
        }
    }

    private mutating func add(_ property: ObjectRules.Property, isRequired: Bool) {
        let nodes = property.node.map { [$0] } ?? []
        guard let place = places[ExactText(property.name)] else {
            places[ExactText(property.name)] = properties.count
            properties.append(Property(name: property.name, nodes: nodes, isRequired: isRequired))
            return
        }
        properties[place].nodes += nodes
        properties[place].isRequired = properties[place].isRequired || isRequired
    }
}
