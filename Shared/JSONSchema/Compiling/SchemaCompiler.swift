import Models

/// Makes a document into a ``SchemaTree``: one subschema after the other from a list, so that neither depth nor the
/// length of chains of references meets a limit of the stack.
struct SchemaCompiler {
    var index: SchemaIndex
    private var places: [SchemaLocation: Int] = [:]
    private var waiting: [SchemaLocation] = []
    private var nodes: [SchemaNode] = []
    private var dynamicNames: Set<String> = []

    static func tree(of document: JSONValue) throws(SchemaError) -> SchemaTree {
        var compiler = SchemaCompiler(index: try SchemaIndex(document: document))
        return try compiler.tree()
    }

    private init(index: SchemaIndex) {
        self.index = index
    }

    private mutating func tree() throws(SchemaError) -> SchemaTree {
        _ = try place(of: SchemaLocation(document: 0, pointer: ""))
        try compileAll()
        // Targets of `$dynamicRef` may stand anywhere, and compiling them may name more.
        var anchors: [SchemaTree.Anchor: Int] = [:]
        var known = -1
        while known < anchors.count {
            known = anchors.count
            for (number, resource) in index.resources.enumerated() {
                for (name, location) in resource.dynamicAnchors where dynamicNames.contains(name) {
                    anchors[SchemaTree.Anchor(resource: number, name: name)] = try place(of: location)
                }
            }
            try compileAll()
        }
        try SchemaLoops.refuse(in: nodes)
        return SchemaTree(nodes: nodes, dynamicAnchors: anchors)
    }

    private mutating func compileAll() throws(SchemaError) {
        while nodes.count < waiting.count {
            let node = try node(at: waiting[nodes.count])
            nodes.append(node)
        }
    }

    /// The place that a subschema has or will have in the tree.
    mutating func place(of location: SchemaLocation) throws(SchemaError) -> Int {
        if let place = places[location] { return place }
        guard waiting.count < SchemaBounds.nodesMax else { throw SchemaIndex.tooMany(location) }
        places[location] = waiting.count
        waiting.append(location)
        return waiting.count - 1
    }

    private mutating func node(at location: SchemaLocation) throws(SchemaError) -> SchemaNode {
        let resource = index.owner(of: location)
        switch index.value(at: location) {
        case .bool(let always)?: return SchemaNode(location: location, resource: resource, always: always)
        case .object(let object)?:
            let keywords = SchemaKeywords(object: object, location: location)
            return SchemaNode(
                location: location, resource: resource, types: try keywords.types(), values: try keywords.valueRules(),
                numbers: try keywords.numberRules(), strings: try keywords.stringRules(),
                arrays: try arrayRules(keywords), objects: try objectRules(keywords),
                combination: try combinationRules(keywords), annotations: keywords.annotations())
        default:
            throw SchemaError(pointer: location.pointer, reason: "must be a schema: an object, true or false")
        }
    }

    // MARK: Rules that hold subschemas

    private mutating func single(_ keyword: String, _ keywords: SchemaKeywords) throws(SchemaError) -> Int? {
        guard keywords.object.contains(keyword) else { return nil }
        return try place(of: keywords.location.appending(keyword))
    }

    private mutating func list(_ keyword: String, _ keywords: SchemaKeywords) throws(SchemaError) -> [Int] {
        guard let parts = try keywords.array(keyword) else { return [] }
        if parts.isEmpty { throw keywords.error(keyword, "must list at least one schema") }
        var list: [Int] = []
        for number in parts.indices {
            list.append(try place(of: keywords.location.appending(keyword, "\(number)")))
        }
        return list
    }

    private mutating func table(
        _ keyword: String, _ keywords: SchemaKeywords
    ) throws(SchemaError) -> [(name: String, node: Int)] {
        var table: [(name: String, node: Int)] = []
        for (name, _) in try keywords.members(keyword) ?? [:] {
            table.append((name, try place(of: keywords.location.appending(keyword, name))))
        }
        return table
    }

    private mutating func arrayRules(_ keywords: SchemaKeywords) throws(SchemaError) -> ArrayRules? {
        let rules = ArrayRules(
            prefix: try list("prefixItems", keywords), items: try single("items", keywords),
            contains: try single("contains", keywords), minContains: try keywords.count("minContains") ?? 1,
            maxContains: try keywords.count("maxContains"), minItems: try keywords.count("minItems"),
            maxItems: try keywords.count("maxItems"), isUnique: try keywords.flag("uniqueItems") ?? false,
            unevaluated: try single("unevaluatedItems", keywords))
        let isNeeded =
            rules.items != nil || rules.contains != nil || rules.minItems != nil || rules.maxItems != nil
            || rules.isUnique || rules.unevaluated != nil || !rules.prefix.isEmpty
        return isNeeded ? rules : nil
    }

    private mutating func objectRules(_ keywords: SchemaKeywords) throws(SchemaError) -> ObjectRules? {
        let required = try keywords.names("required") ?? []
        let isRequired = Set(required.map { ExactText($0) })
        let subschemas = try table("properties", keywords)
        let known = Set(subschemas.map { ExactText($0.name) })
        var properties = subschemas.map {
            ObjectRules.Property(name: $0.name, node: $0.node, isRequired: isRequired.contains(ExactText($0.name)))
        }
        properties += required.filter { !known.contains(ExactText($0)) }.map {
            ObjectRules.Property(name: $0, node: nil, isRequired: true)
        }
        var patterns: [(regex: LinearRegex, node: Int)] = []
        for (pattern, node) in try table("patternProperties", keywords) {
            patterns.append((try keywords.regex(pattern, "patternProperties", pattern), node))
        }
        let rules = ObjectRules(
            properties: properties, patterns: patterns, additional: try single("additionalProperties", keywords),
            names: try single("propertyNames", keywords), unevaluated: try single("unevaluatedProperties", keywords),
            minProperties: try keywords.count("minProperties"), maxProperties: try keywords.count("maxProperties"),
            dependentRequired: try keywords.dependentRequired(),
            dependentSchemas: try table("dependentSchemas", keywords))
        let isNeeded =
            rules.looksAtMembers || rules.unevaluated != nil || rules.minProperties != nil
            || rules.maxProperties != nil || !rules.dependentRequired.isEmpty || !rules.dependentSchemas.isEmpty
        return isNeeded ? rules : nil
    }

    private mutating func combinationRules(_ keywords: SchemaKeywords) throws(SchemaError) -> CombinationRules? {
        var reference: Int?
        if let text = try keywords.text("$ref") {
            reference = try place(of: try index.target(of: text, from: keywords.location, keyword: "$ref").location)
        }
        let condition = try single("if", keywords)
        let consequence = try single("then", keywords)
        let alternative = try single("else", keywords)
        let rules = CombinationRules(
            reference: reference, dynamic: try dynamic(keywords), allOf: try list("allOf", keywords),
            anyOf: try list("anyOf", keywords), oneOf: try list("oneOf", keywords), not: try single("not", keywords),
            condition: condition, consequence: condition == nil ? nil : consequence,
            alternative: condition == nil ? nil : alternative)
        return rules.nodes.isEmpty ? nil : rules
    }

    /// Only where the name that a `$dynamicRef` finds was given by `$dynamicAnchor` is the target looked for again at
    /// run time; else it is a `$ref`, which the fallback is.
    private mutating func dynamic(_ keywords: SchemaKeywords) throws(SchemaError) -> CombinationRules.Dynamic? {
        guard let text = try keywords.text("$dynamicRef") else { return nil }
        let target = try index.target(of: text, from: keywords.location, keyword: "$dynamicRef")
        let fallback = try place(of: target.location)
        let owner = index.owner(of: target.location)
        guard let anchor = target.anchor, index.resources[owner].dynamicAnchors[anchor] == target.location else {
            return CombinationRules.Dynamic(anchor: "", fallback: fallback)
        }
        dynamicNames.insert(anchor)
        return CombinationRules.Dynamic(anchor: anchor, fallback: fallback)
    }
}
