import Models

/// Reads the keywords of one subschema that hold no subschemas, and refuses values that they may not have.
struct SchemaKeywords {
    let object: JSONObject
    let location: SchemaLocation

    func error(_ keyword: String, _ reason: String) -> SchemaError {
        SchemaError(pointer: location.appending(keyword).pointer, reason: reason)
    }

    // MARK: Values of one kind

    func text(_ keyword: String) throws(SchemaError) -> String? {
        guard let value = object[keyword] else { return nil }
        guard case .string(let text) = value else { throw error(keyword, "must be a string") }
        return text
    }

    func flag(_ keyword: String) throws(SchemaError) -> Bool? {
        guard let value = object[keyword] else { return nil }
        guard case .bool(let flag) = value else { throw error(keyword, "must be true or false") }
        return flag
    }

    func array(_ keyword: String) throws(SchemaError) -> [JSONValue]? {
        guard let value = object[keyword] else { return nil }
        guard case .array(let items) = value else { throw error(keyword, "must be an array") }
        return items
    }

    func members(_ keyword: String) throws(SchemaError) -> JSONObject? {
        guard let value = object[keyword] else { return nil }
        guard case .object(let members) = value else { throw error(keyword, "must be an object") }
        return members
    }

    func number(_ keyword: String) throws(SchemaError) -> JSONValue? {
        guard let value = object[keyword] else { return nil }
        guard SchemaTypes(of: value).contains(.number) else { throw error(keyword, "must be a number") }
        return value
    }

    /// A whole number from 0, however it is written; past what an `Int` counts it is the largest.
    func count(_ keyword: String) throws(SchemaError) -> Int? {
        switch object[keyword] {
        case nil: return nil
        case .integer(let value)? where value >= 0: return Int(value)
        case .decimal(let value)? where value >= 0 && value.isWhole:
            return value < 0x1p62 ? Int(value) : .max
        case .exact(let digits)? where !digits.hasPrefix("-"): return .max
        default: throw error(keyword, "must be a whole number, 0 or more")
        }
    }

    func names(_ keyword: String) throws(SchemaError) -> [String]? {
        guard let items = try array(keyword) else { return nil }
        return try names(items, keyword)
    }

    private func names(_ items: [JSONValue], _ keyword: String) throws(SchemaError) -> [String] {
        let names = items.compactMap(\.stringValue)
        guard names.count == items.count else { throw error(keyword, "must list names as strings") }
        guard Set(names).count == names.count else { throw error(keyword, "must list each name once") }
        return names
    }

    func regex(_ pattern: String, _ keyword: String, _ names: String...) throws(SchemaError) -> LinearRegex {
        do {
            return try LinearRegex(pattern)
        } catch {
            let place = names.reduce(location.appending(keyword).pointer) { $0 + JSONPointer.step($1) }
            throw SchemaError(pointer: place, reason: "is no pattern that can be used: \(error)")
        }
    }

    // MARK: Rules

    func types() throws(SchemaError) -> SchemaTypes {
        let names: [JSONValue]
        switch object["type"] {
        case nil: return []
        case .string(let name)?: names = [.string(name)]
        case .array(let list)? where !list.isEmpty: names = list
        default: throw error("type", "must be the name of a type or a list of them")
        }
        var types: SchemaTypes = []
        for name in names {
            guard let known = SchemaTypes.named.first(where: { .string($0.name) == name }) else {
                let list = SchemaTypes.named.map(\.name).joined(separator: ", ")
                throw error("type", "must be one of \(list)")
            }
            guard types.insert(known.type).inserted else { throw error("type", "must list each type once") }
        }
        // Every integer is a number, so the narrower bit would say nothing.
        if types.contains(.number) { types.remove(.integer) }
        return types
    }

    func valueRules() throws(SchemaError) -> ValueRules? {
        let allowed = try array("enum")
        let constant = object["const"]
        return allowed == nil && constant == nil ? nil : ValueRules(constant: constant, allowed: allowed)
    }

    func numberRules() throws(SchemaError) -> NumberRules? {
        var divisor: SchemaDivisor?
        if let value = try number("multipleOf") {
            divisor = SchemaDivisor(value)
            if divisor == nil { throw error("multipleOf", "must be a number above 0 with at most 18 digits") }
        }
        let rules = NumberRules(
            minimum: try number("minimum"), exclusiveMinimum: try number("exclusiveMinimum"),
            maximum: try number("maximum"), exclusiveMaximum: try number("exclusiveMaximum"), multipleOf: divisor)
        let isNeeded =
            rules.minimum != nil || rules.exclusiveMinimum != nil || rules.maximum != nil
            || rules.exclusiveMaximum != nil || rules.multipleOf != nil
        return isNeeded ? rules : nil
    }

    func stringRules() throws(SchemaError) -> StringRules? {
        var regex: LinearRegex?
        if let pattern = try text("pattern") { regex = try self.regex(pattern, "pattern") }
        let format = try text("format").flatMap(SchemaFormat.init)
        let minLength = try count("minLength")
        let maxLength = try count("maxLength")
        if regex == nil, format == nil, minLength == nil, maxLength == nil { return nil }
        return StringRules(minLength: minLength, maxLength: maxLength, pattern: regex, format: format)
    }

    func dependentRequired() throws(SchemaError) -> [(name: String, needs: [String])] {
        var result: [(name: String, needs: [String])] = []
        for (name, needs) in try members("dependentRequired") ?? [:] {
            guard case .array(let items) = needs else { throw error("dependentRequired", "must hold arrays of names") }
            result.append((name, try names(items, "dependentRequired")))
        }
        return result
    }

    /// Wrong ones are no reason to refuse a schema: they say nothing of values.
    func annotations() -> SchemaAnnotations {
        SchemaAnnotations(
            title: object["title"]?.stringValue, description: object["description"]?.stringValue,
            examples: object["examples"]?.arrayValue ?? [], fallback: object["default"])
    }
}
