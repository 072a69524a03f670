import Expressions
import Models

/// A basis as the journey's record holds it:
/// `{"events":{"placed":{"namespace":"crmId","shape":{"fields":{"order":{"fields":{"total":"decimal"}}}}}},
/// "actions":{"sms":{"parameters":[{"name":"to","type":"string","required":true}],
/// "response":{"fields":{"id":"string"}}}},
/// "profile":{"fields":{},"others":"any"}}`. A type is its name, a list of one type, or an object with a shape; what is
/// empty is left out.
extension PlanBasis {
    /// Types are not nested deeper: a shape has no deeper ones.
    private static let depthMax = 64

    package var json: JSONValue {
        var object: JSONObject = [:]
        object["events"] = Self.object(events) { event in
            var object: JSONObject = ["shape": event.shape.basisJSON]
            if !event.namespace.isEmpty { object["namespace"] = .string(event.namespace) }
            if event.isBusiness { object["business"] = true }
            return .object(object)
        }
        object["sources"] = Self.object(sources) { groups in
            Self.object(groups) { ["parameters": JSONValue($0.parameters), "shape": $0.shape.basisJSON] } ?? [:]
        }
        object["actions"] = Self.object(actions) { action in
            ["parameters": .array(action.parameters.map(\.basisJSON)), "response": action.response.basisJSON]
        }
        if !audiences.isEmpty { object["audiences"] = JSONValue(audiences.sorted()) }
        object["journeys"] = Self.object(journeys) { $0.map(JSONValue.string) ?? .null }
        object["profile"] = profile.basisJSON
        if !keptEvents.isEmpty || keptEvent != Shape(fields: [:]) {
            object["keptEvent"] = keptEvent.basisJSON
            object["keptEvents"] = Self.object(keptEvents) { $0.basisJSON } ?? [:]
        }
        return .object(object)
    }

    private static func object<Value>(_ values: [String: Value], _ json: (Value) -> JSONValue) -> JSONValue? {
        if values.isEmpty { return nil }
        return .object(JSONObject(values.sorted { $0.key < $1.key }.map { ($0.key, json($0.value)) }))
    }

    /// Nil where it is none: a part that cannot be read is never taken for an empty one.
    package init?(json: JSONValue) {
        guard case .object = json, let profile = json["profile"].flatMap({ Shape(basis: $0, depth: 0) }) else {
            return nil
        }
        self.profile = profile
        do {
            events = try Self.values(json["events"]) { value in
                guard let shape = value["shape"].flatMap({ Shape(basis: $0, depth: 0) }) else { return nil }
                return Event(
                    namespace: value["namespace"]?.stringValue ?? "", isBusiness: value["business"] == true,
                    shape: shape)
            }
            sources = try Self.values(json["sources"]) { groups in
                try? Self.values(groups) { group in
                    guard let shape = group["shape"].flatMap({ Shape(basis: $0, depth: 0) }),
                        let names = group["parameters"]?.arrayValue
                    else { return nil }
                    let parameters = names.compactMap(\.stringValue)
                    return parameters.count == names.count ? .init(shape: shape, parameters: parameters) : nil
                }
            }
            actions = try Self.values(json["actions"]) { value in
                guard let response = value["response"].flatMap({ Shape(basis: $0, depth: 0) }),
                    let items = value["parameters"]?.arrayValue
                else { return nil }
                let parameters = items.compactMap(ActionDefinition.Parameter.init(basis:))
                return parameters.count == items.count ? Action(parameters: parameters, response: response) : nil
            }
            journeys = try Self.values(json["journeys"]) { value in
                value.isNull ? .some(nil) : value.stringValue.map { .some($0) }
            }
            keptEvents = try Self.values(json["keptEvents"]) { Shape(basis: $0, depth: 0) }
        } catch { return nil }
        audiences = Set((json["audiences"]?.arrayValue ?? []).compactMap(\.stringValue))
        if let kept = json["keptEvent"] {
            guard let shape = Shape(basis: kept, depth: 0) else { return nil }
            keptEvent = shape
        }
    }

    private struct Unreadable: Error {}

    private static func values<Value>(
        _ json: JSONValue?, _ value: (JSONValue) -> Value?
    ) throws -> [String: Value] {
        guard let json else { return [:] }
        guard case .object(let object) = json else { throw Unreadable() }
        var values: [String: Value] = [:]
        for (name, member) in object {
            guard let read = value(member) else { throw Unreadable() }
            values[name] = read
        }
        return values
    }

    fileprivate static func isTooDeep(_ depth: Int) -> Bool { depth > depthMax }
}

extension Shape {
    fileprivate var basisJSON: JSONValue {
        var object: JSONObject = [
            "fields": .object(
                JSONObject(fields.sorted { $0.key < $1.key }.map { ($0.key.text, $0.value.basisJSON) }))
        ]
        if let others { object["others"] = others.basisJSON }
        return .object(object)
    }

    fileprivate init?(basis: JSONValue, depth: Int) {
        guard !PlanBasis.isTooDeep(depth), case .object(let members)? = basis["fields"] else { return nil }
        var fields: [ExactText: ValueType] = [:]
        for (name, member) in members {
            guard let type = ValueType(basis: member, depth: depth + 1) else { return nil }
            fields[ExactText(name)] = type
        }
        var others: ValueType?
        if let member = basis["others"] {
            guard let type = ValueType(basis: member, depth: depth + 1) else { return nil }
            others = type
        }
        self.init(fields: fields, others: others)
    }
}

extension ValueType {
    fileprivate var basisJSON: JSONValue {
        switch self {
        case .list(let item): .array([item.basisJSON])
        case .object(let shape): shape.basisJSON
        default: .string(description)
        }
    }

    fileprivate init?(basis: JSONValue, depth: Int) {
        if PlanBasis.isTooDeep(depth) { return nil }
        switch basis {
        case .string(let name):
            guard let type = ValueType(name: name) else { return nil }
            self = type
        case .array(let items) where items.count == 1:
            guard let item = ValueType(basis: items[0], depth: depth + 1) else { return nil }
            self = .list(item)
        case .object:
            guard let shape = Shape(basis: basis, depth: depth + 1) else { return nil }
            self = .object(shape)
        default: return nil
        }
    }
}

extension ActionDefinition.Parameter {
    fileprivate var basisJSON: JSONValue {
        var object: JSONObject = ["name": .string(name), "type": .string(type.rawValue)]
        if isRequired { object["required"] = true }
        if allowsNull { object["allowNull"] = true }
        return .object(object)
    }

    fileprivate init?(basis: JSONValue) {
        guard let name = basis["name"]?.stringValue,
            let type = basis["type"]?.stringValue.flatMap(ActionDefinition.ParameterType.init)
        else { return nil }
        self.init(
            name: name, type: type, isRequired: basis["required"] == true, allowsNull: basis["allowNull"] == true)
    }
}
