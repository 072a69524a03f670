import Models

/// Makes a schema from a sample.
package enum SchemaInference {
    /// Parts of the sample deeper than this are left open: the schema must compile (``SchemaBounds/nestingMax``).
    private static let depthMax = 64

    /// The schema of values like the sample: types, all members required that are not null, the items of an array
    /// merged into one, and the formats date-time, date and email where every string at that place has it.
    ///
    /// The sample is valid against it. Linear in the sample.
    package static func infer(sample: JSONValue) -> JSONValue {
        var schema: JSONObject = ["$schema": .string(Metaschema.address)]
        if case .object(let inferred) = shape(of: sample, depth: 0).schema { schema.merge(inferred) }
        return .object(schema)
    }

    private static func shape(of value: JSONValue, depth: Int) -> InferredShape {
        var shape = InferredShape()
        guard depth < depthMax else { return shape }
        switch value {
        case .null: shape.types = .null
        case .bool: shape.types = .boolean
        case .integer, .exact: shape.types = .integer
        case .decimal: shape.types = .number
        case .string(let text):
            shape.types = .string
            shape.format = [SchemaFormat.dateTime, .date, .email].first { $0.holds(text) }
        case .array(let items):
            shape.types = .array
            for item in items {
                let next = self.shape(of: item, depth: depth + 1)
                shape.items = [shape.items.first.map { $0.merged(with: next) } ?? next]
            }
        case .object(let object):
            shape.types = .object
            for (name, member) in object {
                shape.add(name, self.shape(of: member, depth: depth + 1), isRequired: !member.isNull)
            }
        }
        return shape
    }
}

/// What is known of the values at one place of a sample.
private struct InferredShape {
    struct Member {
        let name: String
        var shape: InferredShape
        var isRequired: Bool
    }

    /// Empty: anything.
    var types: SchemaTypes = []
    var format: SchemaFormat?
    /// One or none: what all items are.
    var items: [InferredShape] = []
    private var members: [Member] = []
    private var places: [String: Int] = [:]

    mutating func add(_ name: String, _ shape: InferredShape, isRequired: Bool) {
        places[name] = members.count
        members.append(Member(name: name, shape: shape, isRequired: isRequired))
    }

    /// What holds of both.
    func merged(with other: InferredShape) -> InferredShape {
        if types.isEmpty || other.types.isEmpty { return InferredShape() }
        var result = self
        result.types.formUnion(other.types)
        if result.types.contains(.number) { result.types.remove(.integer) }
        if !types.contains(.string) {
            result.format = other.format
        } else if other.types.contains(.string), format != other.format {
            result.format = nil
        }
        if let one = items.first, let two = other.items.first {
            result.items = [one.merged(with: two)]
        } else if items.isEmpty {
            result.items = other.items
        }
        let bothAreObjects = types.contains(.object) && other.types.contains(.object)
        for place in members.indices where bothAreObjects && other.places[members[place].name] == nil {
            result.members[place].isRequired = false
        }
        for member in other.members {
            guard let place = places[member.name] else {
                let isRequired = member.isRequired && !bothAreObjects
                result.add(member.name, member.shape, isRequired: isRequired)
                continue
            }
            result.members[place].shape = members[place].shape.merged(with: member.shape)
            result.members[place].isRequired = members[place].isRequired && member.isRequired
        }
        return result
    }

    var schema: JSONValue {
        if types.isEmpty { return true }
        var schema = JSONObject()
        let names = types.names
        schema["type"] = names.count == 1 ? .string(names[0]) : JSONValue(names)
        if let format { schema["format"] = .string(format.rawValue) }
        if let item = items.first { schema["items"] = item.schema }
        if !members.isEmpty {
            let required = members.filter(\.isRequired).map(\.name)
            if !required.isEmpty { schema["required"] = JSONValue(required) }
            schema["properties"] = .object(JSONObject(members.map { ($0.name, $0.shape.schema) }))
        }
        return .object(schema)
    }
}
