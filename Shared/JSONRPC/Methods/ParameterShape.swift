import Models

/// What a parameter's schema demands, compiled once: types, `enum`, bounds, lengths, items, properties, `required`
/// and `additionalProperties: false`. Other keywords inform the reader of the schema and are checked by the method.
final class ParameterShape: Sendable {
    /// Problems are gathered up to here, so that a hostile value costs no more than it sent.
    static let problemsMax = 100

    private let types: [String]
    private let choices: [JSONValue]?
    private let minimum: Double?
    private let maximum: Double?
    private let lengthMin: Int?
    private let lengthMax: Int?
    private let items: ParameterShape?
    private let properties: [(name: String, shape: ParameterShape)]
    private let required: [String]
    private let isClosed: Bool
    private let alternatives: [ParameterShape]
    let takesNull: Bool

    init(_ schema: JSONObject) {
        switch schema["type"] {
        case .string(let type): types = [type]
        case .array(let names): types = names.compactMap(\.stringValue)
        default: types = []
        }
        choices = schema["enum"]?.arrayValue
        minimum = schema["minimum"]?.decimalValue
        maximum = schema["maximum"]?.decimalValue
        lengthMin = (schema["minLength"] ?? schema["minItems"])?.integerValue.map(Int.init)
        lengthMax = (schema["maxLength"] ?? schema["maxItems"])?.integerValue.map(Int.init)
        items = schema["items"]?.objectValue.map(ParameterShape.init)
        properties = (schema["properties"]?.objectValue ?? JSONObject()).compactMap { name, value in
            value.objectValue.map { (name, ParameterShape($0)) }
        }
        required = schema["required"]?.arrayValue?.compactMap(\.stringValue) ?? []
        isClosed = schema["additionalProperties"]?.boolValue == false
        alternatives = schema["anyOf"]?.arrayValue?.compactMap { $0.objectValue.map(ParameterShape.init) } ?? []
        takesNull =
            alternatives.isEmpty
            ? (types.isEmpty || types.contains("null")) && choices?.contains(.null) != false
            : alternatives.contains { $0.takesNull }
    }

    func check(_ value: JSONValue, at path: @autoclosure () -> String, into problems: inout [Problem]) {
        guard problems.count < Self.problemsMax else { return }
        if !alternatives.isEmpty { return checkAlternatives(value, at: path(), into: &problems) }
        if !types.isEmpty, !types.contains(where: { Self.isOf(type: $0, value) }) {
            let expected = types.joined(separator: " or ")
            problems.append(Problem(path: path(), message: "expected \(expected), found \(value.typeName)"))
            return
        }
        if let choices, !choices.contains(value) {
            let words = choices.map { $0.stringValue ?? $0.text }.joined(separator: ", ")
            problems.append(Problem(path: path(), message: "must be one of \(words)"))
        }
        switch value {
        case .integer, .decimal, .exact: checkBounds(value.decimalValue ?? 0, at: path(), into: &problems)
        case .string(let text): checkLength(text.unicodeScalars.count, "characters", at: path(), into: &problems)
        case .array(let items): checkItems(items, at: path(), into: &problems)
        case .object(let object): checkMembers(object, at: path(), into: &problems)
        case .null, .bool: break
        }
    }

    private func checkAlternatives(_ value: JSONValue, at path: String, into problems: inout [Problem]) {
        var fewest: [Problem] = []
        for alternative in alternatives {
            var found: [Problem] = []
            alternative.check(value, at: path, into: &found)
            if found.isEmpty { return }
            if fewest.isEmpty || found.count < fewest.count { fewest = found }
        }
        problems += fewest
    }

    private static func isOf(type: String, _ value: JSONValue) -> Bool {
        switch value {
        case .null: type == "null"
        case .bool: type == "boolean"
        case .integer, .exact: type == "integer" || type == "number"
        case .decimal(let number): type == "number" || type == "integer" && number == number.rounded()
        case .string: type == "string"
        case .array: type == "array"
        case .object: type == "object"
        }
    }

    private func checkBounds(_ number: Double, at path: @autoclosure () -> String, into problems: inout [Problem]) {
        if let minimum, number < minimum {
            problems.append(Problem(path: path(), message: "must be at least \(JSONValue.short(minimum))"))
        }
        if let maximum, number > maximum {
            problems.append(Problem(path: path(), message: "must be at most \(JSONValue.short(maximum))"))
        }
    }

    private func checkLength(
        _ length: @autoclosure () -> Int, _ unit: String, at path: @autoclosure () -> String,
        into problems: inout [Problem]
    ) {
        guard lengthMin != nil || lengthMax != nil else { return }
        let length = length()
        if let lengthMin, length < lengthMin {
            problems.append(Problem(path: path(), message: "must have at least \(lengthMin) \(unit)"))
        }
        if let lengthMax, length > lengthMax {
            problems.append(Problem(path: path(), message: "must have at most \(lengthMax) \(unit)"))
        }
    }

    private func checkItems(
        _ values: [JSONValue], at path: @autoclosure () -> String, into problems: inout [Problem]
    ) {
        checkLength(values.count, "items", at: path(), into: &problems)
        guard let items else { return }
        for (place, value) in values.enumerated() {
            items.check(value, at: "\(path())/\(place)", into: &problems)
        }
    }

    private func checkMembers(
        _ object: JSONObject, at path: @autoclosure () -> String, into problems: inout [Problem]
    ) {
        for name in required where !object.contains(name) {
            problems.append(Problem(path: JSONPointer.joined(path(), name), message: "is required"))
        }
        if properties.isEmpty, !isClosed { return }
        for (name, value) in object {
            if let property = properties.first(where: { $0.name == name }) {
                property.shape.check(value, at: JSONPointer.joined(path(), name), into: &problems)
            } else if isClosed {
                let known = properties.map(\.name).joined(separator: ", ")
                problems.append(
                    Problem(path: JSONPointer.joined(path(), name), message: "is not known here; known are \(known)"))
            }
            if problems.count >= Self.problemsMax { return }
        }
    }
}

extension JSONValue {
    /// A bound as a reader expects it: without `.0`.
    fileprivate static func short(_ number: Double) -> String {
        Int64(exactly: number).map(String.init) ?? number.description
    }
}

/// JSON pointers (RFC 6901).
enum JSONPointer {
    static func joined(_ path: String, _ name: String) -> String {
        guard name.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else {
            return "\(path)/\(name)"
        }
        return "\(path)/" + name.replacing("~", with: "~0").replacing("/", with: "~1")
    }
}
