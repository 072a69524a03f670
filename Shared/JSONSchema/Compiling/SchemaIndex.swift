import Models

/// A place of a subschema: in the caller's document (0) or the metaschema (1).
struct SchemaLocation: Sendable, Hashable {
    let document: Int
    /// From the root of the document.
    let pointer: String

    func appending(_ names: String...) -> SchemaLocation {
        SchemaLocation(document: document, pointer: names.reduce(pointer) { $0 + JSONPointer.step($1) })
    }
}

/// A schema with an address of its own (`$id`), and the names given in it.
struct SchemaResource: Sendable {
    let base: URIReference
    let root: SchemaLocation
    var anchors: [String: SchemaLocation] = [:]
    var dynamicAnchors: [String: SchemaLocation] = [:]
}

/// Where every subschema of the documents stands, and what it is called: core vocabulary, sections 8.2 and 9.
struct SchemaIndex {
    private(set) var documents: [JSONValue] = []
    private(set) var resources: [SchemaResource] = []
    private var resourcePlaces: [String: Int] = [:]
    /// The resource that each subschema belongs to.
    private var owners: [SchemaLocation: Int] = [:]

    init(document: JSONValue) throws(SchemaError) {
        try add(document, base: URIReference(""))
    }

    private mutating func add(_ document: JSONValue, base: URIReference) throws(SchemaError) {
        documents.append(document)
        let root = SchemaLocation(document: documents.count - 1, pointer: "")
        try walk(document, at: root, resource: nil, base: base, depth: 0)
    }

    // MARK: Walking

    /// Keywords that hold a subschema, an array of them, an object of them.
    static let single = [
        "additionalProperties", "contains", "contentSchema", "else", "if", "items", "not", "propertyNames", "then",
        "unevaluatedItems", "unevaluatedProperties",
    ]
    static let lists = ["allOf", "anyOf", "oneOf", "prefixItems"]
    /// `definitions` is what `$defs` was called before; documents still have it.
    static let tables = ["$defs", "definitions", "dependentSchemas", "patternProperties", "properties"]

    private mutating func walk(
        _ schema: JSONValue, at location: SchemaLocation, resource: Int?, base: URIReference, depth: Int
    ) throws(SchemaError) {
        guard depth <= SchemaBounds.nestingMax else {
            let reason = "subschemas are nested deeper than \(SchemaBounds.nestingMax): move inner ones to $defs"
            throw SchemaError(pointer: location.pointer, reason: reason)
        }
        guard owners.count < SchemaBounds.nodesMax else { throw Self.tooMany(location) }
        guard case .object(let object) = schema else {
            owners[location] = try existing(resource, orNew: base, at: location)
            return
        }
        let owner = try identify(object, at: location, resource: resource, base: base)
        owners[location] = owner
        try nameAnchors(object, at: location, resource: owner)
        let base = resources[owner].base
        for name in Self.single {
            guard let part = object[name] else { continue }
            try walk(part, at: location.appending(name), resource: owner, base: base, depth: depth + 1)
        }
        for name in Self.lists {
            guard case .array(let parts)? = object[name] else { continue }
            for (place, part) in parts.enumerated() {
                let inner = location.appending(name, "\(place)")
                try walk(part, at: inner, resource: owner, base: base, depth: depth + 1)
            }
        }
        for name in Self.tables {
            guard case .object(let parts)? = object[name] else { continue }
            for (key, part) in parts {
                try walk(part, at: location.appending(name, key), resource: owner, base: base, depth: depth + 1)
            }
        }
    }

    static func tooMany(_ location: SchemaLocation) -> SchemaError {
        SchemaError(pointer: location.pointer, reason: "a schema has at most \(SchemaBounds.nodesMax) subschemas")
    }

    /// The resource that a subschema belongs to: a new one where it has an `$id`, or is the root.
    private mutating func identify(
        _ object: JSONObject, at location: SchemaLocation, resource: Int?, base: URIReference
    ) throws(SchemaError) -> Int {
        if let dialect = object["$schema"] {
            guard case .string(Metaschema.address) = dialect else {
                let reason = "must be \(Metaschema.address): no other dialect is known here"
                throw SchemaError(pointer: location.appending("$schema").pointer, reason: reason)
            }
        }
        guard let id = object["$id"] else { return try existing(resource, orNew: base, at: location) }
        let place = location.appending("$id").pointer
        guard case .string(let text) = id, SchemaFormat.iriReference.holds(text) else {
            throw SchemaError(pointer: place, reason: "must be a string with an address")
        }
        let address = URIReference(text).resolved(against: base)
        guard address.fragment?.isEmpty != false else {
            throw SchemaError(pointer: place, reason: "must have no part after #: use $anchor for a name")
        }
        return try newResource(address, at: location)
    }

    private mutating func existing(
        _ resource: Int?, orNew base: URIReference, at location: SchemaLocation
    ) throws(SchemaError) -> Int {
        if let resource { return resource }
        return try newResource(base, at: location)
    }

    private mutating func newResource(_ base: URIReference, at root: SchemaLocation) throws(SchemaError) -> Int {
        var base = base
        base.fragment = nil
        guard resourcePlaces[base.resource] == nil else {
            let reason = "two subschemas of the document have this address: give each its own"
            throw SchemaError(pointer: root.appending("$id").pointer, reason: reason)
        }
        resourcePlaces[base.resource] = resources.count
        resources.append(SchemaResource(base: base, root: root))
        return resources.count - 1
    }

    private mutating func nameAnchors(
        _ object: JSONObject, at location: SchemaLocation, resource: Int
    ) throws(SchemaError) {
        for keyword in ["$anchor", "$dynamicAnchor"] {
            guard let value = object[keyword] else { continue }
            let place = location.appending(keyword).pointer
            guard case .string(let name) = value, Self.isAnchor(name) else {
                throw SchemaError(pointer: place, reason: "must be a name of letters, digits, _ - and .")
            }
            if let other = resources[resource].anchors[name], other != location {
                throw SchemaError(pointer: place, reason: "another subschema has this name: give each its own")
            }
            resources[resource].anchors[name] = location
            if keyword == "$dynamicAnchor" { resources[resource].dynamicAnchors[name] = location }
        }
    }

    private static func isAnchor(_ name: String) -> Bool {
        guard let first = name.utf8.first, first.isLetter || first == UInt8(ascii: "_") else { return false }
        return name.utf8.allSatisfy { $0.isLetter || $0.isDigit || $0.isOne(of: "_-.") }
    }

    // MARK: Finding

    /// The resource of a place: its own, or, below unknown keywords, that of the nearest subschema around it.
    func owner(of location: SchemaLocation) -> Int {
        var pointer = Substring(location.pointer)
        while true {
            let here = SchemaLocation(document: location.document, pointer: String(pointer))
            if let owner = owners[here] { return owner }
            guard let slash = pointer.utf8.lastIndex(of: UInt8(ascii: "/")) else { return 0 }
            pointer = pointer[..<slash]
        }
    }

    func value(at location: SchemaLocation) -> JSONValue? {
        var value = documents[location.document]
        for name in JSONPointer.names(location.pointer) ?? [] {
            guard let next = JSONPointer.member(name, of: value) else { return nil }
            value = next
        }
        return value
    }

    /// What a `$ref` or `$dynamicRef` at this place points to, and the name after # where it is one.
    mutating func target(
        of reference: String, from location: SchemaLocation, keyword: String
    ) throws(SchemaError) -> (location: SchemaLocation, anchor: String?) {
        let pointer = location.appending(keyword).pointer
        let address = URIReference(reference).resolved(against: resources[owner(of: location)].base)
        if resourcePlaces[address.resource] == nil, address.resource == Metaschema.address, documents.count == 1 {
            try add(Metaschema.document, base: URIReference(Metaschema.address))
        }
        guard let place = resourcePlaces[address.resource] else {
            let reason = "points outside this document, and nothing is loaded: copy that schema to $defs, with its $id"
            throw SchemaError(pointer: pointer, reason: reason)
        }
        let resource = resources[place]
        guard let fragment = address.decodedFragment else {
            throw SchemaError(pointer: pointer, reason: "has a broken % escape")
        }
        if fragment.isEmpty { return (resource.root, nil) }
        if fragment.utf8.first == UInt8(ascii: "/") {
            let target = SchemaLocation(
                document: resource.root.document,
                pointer: (JSONPointer.names(fragment) ?? []).reduce(resource.root.pointer) { $0 + JSONPointer.step($1) }
            )
            if value(at: target) != nil { return (target, nil) }
        } else if let target = resource.anchors[fragment] {
            return (target, fragment)
        }
        throw SchemaError(pointer: pointer, reason: "points to nothing in this document: check its spelling")
    }
}
