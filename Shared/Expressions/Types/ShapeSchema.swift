import Models

extension Shape {
    /// Of a JSON Schema document (2020-12): `properties`, `additionalProperties`, `items`, local `$ref`, `allOf`, and
    /// `anyOf`, `oneOf`, `then`, `else` as far as they agree. The formats date-time, date and duration make dates.
    /// Fields that the schema does not name are refused unless `additionalProperties` says what they are.
    package init(schema: JSONValue) {
        if case .object(let shape) = SchemaReader(root: schema).type(of: schema, depth: 0) {
            self = shape
        } else {
            self = .any
        }
    }
}

/// Reads types from one schema document.
private final class SchemaReader {
    /// Deeper parts, which a schema that refers to itself has without end, are any.
    static let depthMax = 24
    /// Subschemas looked at, those behind a `$ref` each time: what is beyond is any. References can multiply.
    static let visitsMax = 20_000

    private let root: JSONValue
    private var visits = 0

    init(root: JSONValue) {
        self.root = root
    }

    func type(of schema: JSONValue, depth: Int) -> ValueType {
        visits += 1
        guard depth < Self.depthMax, visits <= Self.visitsMax, case .object(let object) = schema else { return .any }
        var type = ownType(object, depth)
        if let reference = object["$ref"]?.stringValue, let target = SchemaReference.target(of: reference, in: root) {
            type = SchemaReader.both(type, self.type(of: target, depth: depth + 1))
        }
        for part in object["allOf"]?.arrayValue ?? [] {
            type = SchemaReader.both(type, self.type(of: part, depth: depth + 1))
        }
        for keyword in ["anyOf", "oneOf"] {
            guard let parts = object[keyword]?.arrayValue else { continue }
            let alternatives = parts.map { self.type(of: $0, depth: depth + 1) }
            type = SchemaReader.both(type, alternatives.reduce(ValueType.null) { $0.merged(with: $1) }.unlessNull)
        }
        for keyword in ["then", "else"] {
            guard let part = object[keyword], case .object = type else { continue }
            type = SchemaReader.both(type, self.type(of: part, depth: depth + 1))
        }
        return type
    }

    /// What satisfies both schemas.
    private static func both(_ one: ValueType, _ other: ValueType) -> ValueType {
        switch (one, other) {
        case (.any, let type), (let type, .any): type
        case (.object(let one), .object(let other)): .object(one.narrowed(by: other))
        case (.list(let one), .list(let other)): .list(both(one, other))
        case (.decimal, .integer): .integer
        case (.string, .dateTime), (.string, .dateOnly), (.string, .duration): other
        default: one
        }
    }

    private func ownType(_ schema: JSONObject, _ depth: Int) -> ValueType {
        let names: [String] =
            switch schema["type"] {
            case .string(let name): [name]
            case .array(let names): names.compactMap(\.stringValue)
            default: []
            }
        if names.isEmpty { return impliedType(schema, depth) }
        return names.reduce(ValueType.null) { $0.merged(with: type(named: $1, schema, depth)) }.unlessNull
    }

    private func type(named name: String, _ schema: JSONObject, _ depth: Int) -> ValueType {
        switch name {
        case "null": .null
        case "boolean": .boolean
        case "integer": .integer
        case "number": .decimal
        case "string": stringType(schema)
        case "array": arrayType(schema, depth)
        case "object": .object(objectShape(schema, depth))
        default: .any
        }
    }

    /// Without `type`: what the other keywords tell.
    private func impliedType(_ schema: JSONObject, _ depth: Int) -> ValueType {
        if let constant = schema["const"] { return ValueType(sample: constant) }
        if let cases = schema["enum"]?.arrayValue {
            return cases.reduce(ValueType.null) { $0.merged(with: $1.isNull ? .null : ValueType(sample: $1)) }
                .unlessNull
        }
        if schema["properties"] != nil { return .object(objectShape(schema, depth)) }
        if schema["items"] != nil || schema["prefixItems"] != nil { return arrayType(schema, depth) }
        return .any
    }

    private func stringType(_ schema: JSONObject) -> ValueType {
        switch schema["format"]?.stringValue {
        case "date-time": .dateTime
        case "date": .dateOnly
        case "duration": .duration
        default: .string
        }
    }

    private func arrayType(_ schema: JSONObject, _ depth: Int) -> ValueType {
        var items = (schema["prefixItems"]?.arrayValue ?? []).map { type(of: $0, depth: depth + 1) }
        if let rest = schema["items"], rest != .bool(false) { items.append(type(of: rest, depth: depth + 1)) }
        return .list(items.reduce(ValueType.null) { $0.merged(with: $1) }.unlessNull)
    }

    private func objectShape(_ schema: JSONObject, _ depth: Int) -> Shape {
        var fields: [ExactText: ValueType] = [:]
        var limits: [ExactText: ValueLimits] = [:]
        for (name, part) in schema["properties"]?.objectValue ?? [:] {
            fields[ExactText(name)] = type(of: part, depth: depth + 1)
            limits[ExactText(name)] = self.limits(of: part, depth: depth + 1)
        }
        var others: ValueType?
        switch schema["additionalProperties"] {
        case .bool(true): others = .any
        case .object(let part): others = type(of: .object(part), depth: depth + 1)
        case .bool(false): others = nil
        default: others = fields.isEmpty && !hasParts(schema) ? .any : nil
        }
        for (_, part) in schema["patternProperties"]?.objectValue ?? [:] {
            let type = type(of: part, depth: depth + 1)
            others = others?.merged(with: type) ?? type
        }
        return Shape(fields: fields, others: others, limits: limits)
    }

    /// What a schema and those that it is made of say of the values; nil where nothing is said.
    private func limits(of schema: JSONValue, depth: Int) -> ValueLimits? {
        visits += 1
        guard depth < Self.depthMax, visits <= Self.visitsMax, case .object(let object) = schema else { return nil }
        var limits = ValueLimits(schema: object)
        var parts = object["allOf"]?.arrayValue ?? []
        if let reference = object["$ref"]?.stringValue, let target = SchemaReference.target(of: reference, in: root) {
            parts.append(target)
        }
        for part in parts {
            guard let more = self.limits(of: part, depth: depth + 1) else { continue }
            limits = limits?.narrowed(by: more) ?? more
        }
        for keyword in ["anyOf", "oneOf"] {
            guard let parts = object[keyword]?.arrayValue, !parts.isEmpty else { continue }
            let alternatives = parts.map { self.limits(of: $0, depth: depth + 1) }
            let joined = alternatives.dropFirst().reduce(alternatives[0]) { one, other in
                one.flatMap { one in other.flatMap { one.widened(by: $0) } }
            }
            guard let joined else { continue }
            limits = limits?.narrowed(by: joined) ?? joined
        }
        return limits
    }

    /// Whether other keywords name the fields.
    private func hasParts(_ schema: JSONObject) -> Bool {
        ["$ref", "allOf", "anyOf", "oneOf", "then", "else"].contains { schema[$0] != nil }
    }
}

extension Shape {
    /// The fields of both; where both have one it satisfies both.
    fileprivate func narrowed(by other: Shape) -> Shape {
        let fields = fields.merging(other.fields) { $0 == .any ? $1 : $0 }
        let limits = limits.merging(other.limits) { $0.narrowed(by: $1) }
        return Shape(fields: fields, others: others ?? other.others, limits: limits)
    }
}
