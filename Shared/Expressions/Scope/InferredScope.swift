import Models

extension ExpressionScope {
    /// The scope of the `values` of `expressions.evaluate`: their events, sources, actions and profile may be used, and
    /// no others; the types of the fields are those of the values; a field that is missing is of type any.
    ///
    /// - Parameter types: where a field is of another type than its value shows, in the same form as the values, with
    ///   the name of a type (`"dateTime"`, `"list<decimal>"`) in place of a value.
    package static func inferred(
        from values: JSONValue, types: JSONValue? = nil
    ) throws(ExpressionError) -> ExpressionScope {
        var scope = ExpressionScope()
        scope.hasJourney = true
        for (name, value) in values["event"]?.objectValue ?? [:] {
            scope.events[name] = try shape(value, types?["event"]?[name], "event.\(name)")
        }
        for (name, value) in values["actions"]?.objectValue ?? [:] {
            scope.actions[name] = try shape(value, types?["actions"]?[name], "actions.\(name)")
        }
        for (source, groups) in values["sources"]?.objectValue ?? [:] {
            scope.sources[source] = [:]
            for (group, value) in groups.objectValue ?? [:] {
                let types = types?["sources"]?[source]?[group]
                var definition = FieldGroup(shape: try shape(value, types, "sources.\(source).\(group)"))
                definition.isOpen = true
                scope.sources[source]?[group] = definition
            }
        }
        scope.profile = try shape(values["profile"] ?? [:], types?["profile"], "profile")
        let events = ValueType(sample: values["experienceEvents"] ?? [], isOpen: true)
        if case .list(.object(let shape)) = events {
            scope.experienceEvents = shape
        } else {
            scope.experienceEvents = .any
        }
        for (name, items) in values["keptEvents"]?.objectValue ?? [:] {
            if case .list(.object(let shape)) = ValueType(sample: items, isOpen: true) {
                scope.keptEvents[name] = shape
            } else {
                scope.keptEvents[name] = .any
            }
        }
        return scope
    }

    private static func shape(
        _ value: JSONValue, _ types: JSONValue?, _ path: String
    ) throws(ExpressionError) -> Shape {
        let type = try overlaid(ValueType(sample: value, isOpen: true), types, path)
        if case .object(let shape) = type { return shape }
        return .any
    }

    private static func overlaid(
        _ type: ValueType, _ types: JSONValue?, _ path: String
    ) throws(ExpressionError) -> ValueType {
        switch types {
        case nil, .null?: return type
        case .string(let name)?:
            if let named = ValueType(name: name) { return named }
            throw unknownType(name, path)
        case .object(let members)?:
            var fields: [ExactText: ValueType] = [:]
            var itemOnly = type
            var isList = false
            if case .list(let item) = type { (itemOnly, isList) = (item, true) }
            if case .object(let shape) = itemOnly { fields = shape.fields }
            for (name, member) in members {
                fields[ExactText(name)] = try overlaid(fields[ExactText(name)] ?? .any, member, "\(path).\(name)")
            }
            let object = ValueType.object(Shape(fields: fields, others: .any))
            return isList ? .list(object) : object
        case let other?: throw unknownType(other.text, path)
        }
    }

    private static func unknownType(_ name: String, _ path: String) -> ExpressionError {
        let known = ["string", "integer", "decimal", "boolean", "dateOnly", "dateTimeOnly", "dateTime", "duration"]
        return ExpressionError(
            code: .typeMismatch, line: 1, column: 1, length: 0, text: name,
            message: "types gives \(path) a type that does not exist.",
            expected: known.joined(separator: ", ") + ", any, object, list<…>",
            suggestion: Suggestion.nearest(to: name, in: known))
    }
}
