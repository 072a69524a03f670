import Models

/// Makes a schema from a sample.
package enum SchemaInference {
    /// Parts of the sample deeper than this are left open: the schema must compile (``SchemaBounds/nestingMax``).
    private static let depthMax = 64

    /// The schema of values like the sample, which the next one must not be refused by: types, where null and an empty
    /// list say nothing of theirs; `number` for numbers, as a price of 20 may be 19.99 the next time, but `integer` for
    /// what is named like an id; the items of an array merged into one; the formats date-time and date where every
    /// string at that place has them. What is not required may be null, too.
    ///
    /// The sample is valid against it. Linear in the sample.
    ///
    /// - Parameter keyPaths: what the key of the event reads, required where the sample has it. Of all other members
    ///   only `_id` and `timestamp` at the top are.
    package static func infer(sample: JSONValue, keyPaths: [[String]] = []) -> JSONValue {
        var schema: JSONObject = ["$schema": .string(Metaschema.address)]
        let needed = [["_id"], ["timestamp"]] + keyPaths
        let shape = shape(of: sample, needed: needed.map { $0[...] }, depth: 0)
        if case .object(let inferred) = shape.schema(isNullable: false) { schema.merge(inferred) }
        return .object(schema)
    }

    /// - Parameter needed: paths from here on that must be there; an empty one: this value is an id.
    private static func shape(
        of value: JSONValue, needed: [ArraySlice<String>] = [], isID: Bool = false, depth: Int
    ) -> InferredShape {
        var shape = InferredShape()
        guard depth < depthMax else { return shape }
        switch value {
        case .null: break
        case .bool: shape.types = .boolean
        case .integer, .exact: shape.types = isID || needed.contains([]) ? .integer : .number
        case .decimal: shape.types = .number
        case .string(let text):
            shape.types = .string
            shape.format = [SchemaFormat.dateTime, .date].first { $0.holds(text) }
        case .array(let items):
            shape.types = .array
            shape.isEmptyList = items.isEmpty
            for item in items {
                let next = self.shape(of: item, depth: depth + 1)
                shape.items = [shape.items.first.map { $0.merged(with: next) } ?? next]
            }
        case .object(let object):
            shape.types = .object
            for (name, member) in object {
                let rests = needed.filter { $0.first?.hasBytes(of: name) ?? false }.map { $0.dropFirst() }
                let isRequired = !rests.isEmpty && !member.isNull
                let part = self.shape(of: member, needed: rests, isID: isNameOfID(name), depth: depth + 1)
                shape.add(name, part, isRequired: isRequired)
            }
        }
        return shape
    }

    /// `id`, `orderId`, `orderID`, `order_id`: numbers there are whole, and an event's key may read them.
    private static func isNameOfID(_ name: String) -> Bool {
        name == "id" || name == "ID" || ["Id", "ID", "_id", "-id"].contains { name.hasSuffix($0) }
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
    /// Nothing but empty lists was seen, which say nothing of the next one.
    var isEmptyList = false
    var format: SchemaFormat?
    /// One or none: what all items are.
    var items: [InferredShape] = []
    private var members: [Member] = []
    private var places: [ExactText: Int] = [:]

    mutating func add(_ name: String, _ shape: InferredShape, isRequired: Bool) {
        places[ExactText(name)] = members.count
        members.append(Member(name: name, shape: shape, isRequired: isRequired))
    }

    /// What holds of both. What says nothing, such as null, leaves the other as it is.
    func merged(with other: InferredShape) -> InferredShape {
        if types.isEmpty { return other }
        if other.types.isEmpty { return self }
        var result = self
        result.types.formUnion(other.types)
        result.isEmptyList = isEmptyList && other.isEmptyList
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
        for member in other.members {
            guard let place = places[ExactText(member.name)] else {
                result.add(member.name, member.shape, isRequired: member.isRequired)
                continue
            }
            result.members[place].shape = members[place].shape.merged(with: member.shape)
        }
        return result
    }

    /// - Parameter isNullable: null is allowed beside the types.
    func schema(isNullable: Bool) -> JSONValue {
        if types.isEmpty || isEmptyList { return true }
        var schema = JSONObject()
        let names = (isNullable ? types.union(.null) : types).names
        schema["type"] = names.count == 1 ? .string(names[0]) : JSONValue(names)
        if let format { schema["format"] = .string(format.rawValue) }
        if let item = items.first { schema["items"] = item.schema(isNullable: true) }
        if !members.isEmpty {
            let required = members.filter(\.isRequired).map(\.name)
            if !required.isEmpty { schema["required"] = JSONValue(required) }
            schema["properties"] = .object(
                JSONObject(members.map { ($0.name, $0.shape.schema(isNullable: !$0.isRequired)) }))
        }
        return .object(schema)
    }
}
