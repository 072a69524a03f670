import Models

/// Makes a value that a schema allows, with everything in it that the schema names.
package enum SchemaSample {
    /// A complete sample: examples, defaults and constants of the schema where it has them, else values made from
    /// types, formats, patterns and bounds.
    ///
    /// It validates wherever the schema can be met by this: not where `not`, `contains` or alternatives contradict what
    /// the rest of the schema suggests. Ask the schema if it matters.
    package static func sample(of schema: CompiledSchema) -> JSONValue {
        var maker = SchemaSampleMaker(tree: schema.tree)
        return maker.value(of: [0], name: nil, around: [])
    }
}

/// Works through the tree; what it makes is bounded by ``SchemaBounds/fieldsMax``.
struct SchemaSampleMaker {
    /// Choices of alternatives that are tried at one place.
    private static let attemptsMax = 8
    /// Subschemas applied to see whether one candidate holds.
    private static let checksMax = 20_000
    /// Members and items inside each other; deeper optional ones are left out.
    private static let depthMax = 24

    let tree: SchemaTree
    private var partsLeft = SchemaBounds.fieldsMax

    init(tree: SchemaTree) {
        self.tree = tree
    }

    func holds(_ value: JSONValue, _ nodes: [Int]) -> Bool {
        nodes.allSatisfy { node in
            var check = SchemaCheck(tree: tree, isReporting: false, checksMax: Self.checksMax)
            return check.run(value, from: node)
        }
    }

    /// A value for all these subschemas. `around` are the subschemas that it is inside of.
    mutating func value(of nodes: [Int], name: String?, around: [Int]) -> JSONValue {
        guard partsLeft > 0, around.count < 2 * Self.depthMax else { return nil }
        partsLeft -= 1
        var first: JSONValue?
        for attempt in 0..<Self.attemptsMax {
            let (parts, hasChoice) = flattened(nodes, choice: attempt)
            if let given = given(parts, nodes) { return given }
            for isComplete in [true, false] {
                let made = made(parts, nodes, name: name, around: around + nodes, isComplete: isComplete)
                if holds(made, nodes) { return made }
                first = first ?? made
                guard case .object = made else { break }
            }
            if !hasChoice { break }
        }
        return first ?? nil
    }

    /// The subschemas that apply in place, with one of each list of alternatives.
    private func flattened(_ nodes: [Int], choice: Int) -> (parts: [SchemaNode], hasChoice: Bool) {
        var parts: [SchemaNode] = []
        var visited: Set<Int> = []
        var hasChoice = false
        var pending = Array(nodes.reversed())
        while let place = pending.popLast() {
            guard visited.insert(place).inserted else { continue }
            let node = tree.nodes[place]
            parts.append(node)
            guard let rules = node.combination else { continue }
            for alternatives in [rules.oneOf, rules.anyOf] where !alternatives.isEmpty {
                hasChoice = hasChoice || alternatives.count > 1
                pending.append(alternatives[choice % alternatives.count])
            }
            if let condition = rules.condition {
                hasChoice = true
                let chosen = choice.isMultiple(of: 2) ? rules.consequence : rules.alternative
                if let chosen { pending.append(chosen) }
                if choice.isMultiple(of: 2) { pending.append(condition) }
            }
            pending += rules.allOf.reversed()
            pending += [rules.dynamic?.fallback, rules.reference].compactMap { $0 }
        }
        return (parts, hasChoice)
    }

    /// A value that the schema itself gives.
    private func given(_ parts: [SchemaNode], _ nodes: [Int]) -> JSONValue? {
        let values =
            parts.flatMap { $0.annotations.examples }
            + parts.compactMap { $0.annotations.fallback }
            + parts.compactMap { $0.values?.constant }
            + parts.flatMap { $0.values?.allowed ?? [] }
        return values.prefix(SchemaBounds.problemsMax).first { holds($0, nodes) }
    }

    private mutating func made(
        _ parts: [SchemaNode], _ nodes: [Int], name: String?, around: [Int], isComplete: Bool
    ) -> JSONValue {
        switch type(parts) {
        case .object: return .object(object(parts, around: around, isComplete: isComplete))
        case .array: return .array(array(parts, around: around))
        case .string: return SchemaSampleText.value(parts, name: name) { holds($0, nodes) }
        case .integer: return SchemaSampleNumber.value(parts, isInteger: true) { holds($0, nodes) }
        case .number: return SchemaSampleNumber.value(parts, isInteger: false) { holds($0, nodes) }
        case .boolean: return true
        default: return nil
        }
    }

    /// The first type, in the order of ``SchemaTypes/named``, that all subschemas take.
    private func type(_ parts: [SchemaNode]) -> SchemaTypes {
        let stated = parts.map(\.types).filter { !$0.isEmpty }
        let all: (SchemaTypes) -> Bool = { type in
            stated.allSatisfy { $0.contains(type) || (type == .integer && $0.contains(.number)) }
        }
        if !stated.isEmpty {
            return SchemaTypes.named.first { all($0.type) && suits($0.type, parts) }?.type ?? .null
        }
        if parts.contains(where: { $0.objects != nil }) { return .object }
        if parts.contains(where: { $0.arrays != nil }) { return .array }
        if parts.contains(where: { $0.numbers != nil }) { return .number }
        return .string
    }

    /// An integer is offered only where some subschema asks for one: a number shows that it may have a fraction.
    private func suits(_ type: SchemaTypes, _ parts: [SchemaNode]) -> Bool {
        type != .integer || parts.contains { $0.types.contains(.integer) }
    }

    // MARK: Members and items

    private mutating func object(_ parts: [SchemaNode], around: [Int], isComplete: Bool) -> JSONObject {
        var names: [String] = []
        var subschemas: [ExactText: [Int]] = [:]
        var required: Set<ExactText> = []
        for property in parts.flatMap({ $0.objects?.properties ?? [] }) {
            let name = ExactText(property.name)
            if subschemas[name] == nil { names.append(property.name) }
            subschemas[name, default: []] += property.node.map { [$0] } ?? []
            if property.isRequired { required.insert(name) }
        }
        var result = JSONObject()
        for name in names {
            let nodes = subschemas[ExactText(name)] ?? []
            if !required.contains(ExactText(name)) {
                let isInside = !Set(around).isDisjoint(with: nodes) || around.count >= Self.depthMax
                let isRefused = nodes.contains { tree.nodes[$0].always == false }
                if !isComplete || isInside || isRefused || partsLeft <= 0 { continue }
            }
            result[name] = nodes.isEmpty ? .string("text") : value(of: nodes, name: name, around: around)
        }
        return result
    }

    private mutating func array(_ parts: [SchemaNode], around: [Int]) -> [JSONValue] {
        let rules = parts.compactMap(\.arrays)
        let least = min(rules.compactMap(\.minItems).max() ?? 0, SchemaBounds.fieldsMax)
        let most = rules.compactMap(\.maxItems).min() ?? .max
        let prefix = rules.map(\.prefix.count).max() ?? 0
        let isUnique = rules.contains(where: \.isUnique)
        var items: [JSONValue] = []
        while items.count < min(max(least, prefix, 1), most), partsLeft > 0 {
            let place = items.count
            let nodes =
                rules.compactMap { place < $0.prefix.count ? $0.prefix[place] : $0.items }
                + (place == prefix ? rules.compactMap { $0.minContains > 0 ? $0.contains : nil } : [])
            let isInside = !Set(around).isDisjoint(with: nodes) || around.count >= Self.depthMax
            if place >= least, isInside || nodes.contains(where: { tree.nodes[$0].always == false }) { break }
            var item = nodes.isEmpty ? .string("text") : value(of: nodes, name: nil, around: around)
            if isUnique, items.contains(where: { SchemaEquality.same($0, item) }) {
                guard let other = other(than: items, like: item, nodes) else { break }
                item = other
            }
            items.append(item)
        }
        return items
    }

    /// An item that is none of these, for `uniqueItems`.
    private func other(than items: [JSONValue], like item: JSONValue, _ nodes: [Int]) -> JSONValue? {
        let listed = nodes.flatMap { tree.nodes[$0].values?.allowed ?? [] }
        let varied: JSONValue =
            switch item {
            case .integer(let number): .integer(number &+ Int64(items.count))
            case .decimal(let number): .decimal(number + Double(items.count))
            case .string(let text): .string("\(text)\(items.count)")
            default: item
            }
        return (listed + [varied]).first { candidate in
            holds(candidate, nodes) && !items.contains { SchemaEquality.same($0, candidate) }
        }
    }
}
