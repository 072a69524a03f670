import Models

/// Where a path begins.
enum FieldRoot: Sendable {
    case event(String)
    case action(String)
    case profile
    /// The person's kept events; of one definition, where it has a name.
    case experienceEvents(of: String?)
    /// The item of the condition around, by its place among all of them, the outermost first.
    case item(Int)
    case lookup(LookupPlan)
}

/// A compiled step of a path.
enum FieldStep: Sendable {
    case field(String)
    case pick(PathStep.Pick, condition: (any Node)?)
    case at(any Node)
    case entry(any Node)
    case firstEntryKey
    case keys
}

/// Reads a field of an event, the profile, a source, an action or the current item.
final class FieldNode: Node {
    private let root: FieldRoot
    private let steps: [FieldStep]
    private let type: ValueType
    private let fallback: (any Node)?
    private let span: Span

    init(_ root: FieldRoot, _ steps: [FieldStep], _ type: ValueType, fallback: (any Node)?, _ span: Span) {
        self.root = root
        self.steps = steps
        self.type = type
        self.fallback = fallback
        self.span = span
    }

    func evaluate(_ run: inout Run) throws(Fault) -> Value? {
        try run.step(span)
        guard let start = try start(&run), let found = try walk(start, &run) else { return nil }
        if case .array = found { try run.step(span, count: found.itemCount) }
        let value = try value(of: found)
        if value.isNull, let fallback { return try fallback.evaluate(&run) }
        return value
    }

    /// Nil while it is not known.
    private func start(_ run: inout Run) throws(Fault) -> JSONValue? {
        if let unknown = run.unknown, unknown.covers(root) { return nil }
        return try known(&run)
    }

    private func known(_ run: inout Run) throws(Fault) -> JSONValue? {
        switch root {
        case .event(let name): run.context.event(name) ?? .null
        case .action(let name): run.context.action(name) ?? .null
        case .profile: .object(run.context.profile)
        case .experienceEvents(let name): .array(run.context.experienceEvents(of: name))
        case .item(let place): run.items[place]
        case .lookup(let plan): try plan.data(&run)
        }
    }

    /// The value in the type that the checker promised.
    private func value(of json: JSONValue) throws(Fault) -> Value {
        guard let value = FieldNode.read(json, as: type) else {
            throw Fault(
                code: .typeMismatch, span: span,
                message: "The field is of type \(type); what arrived is of type \(Value(json: json).type).")
        }
        return value
    }

    /// nil where it is of another type. A number of a field that was said to be an integer may have a fraction after
    /// all, since perhaps only a sample said so.
    private static func read(_ json: JSONValue, as type: ValueType) -> Value? {
        switch (json, type) {
        case (.null, _): return .null
        case (.string(let text), .string), (.string(let text), .any): return .string(text)
        case (.integer(let value), .integer), (.integer(let value), .any): return .integer(value)
        case (.decimal(let value), .integer), (.decimal(let value), .decimal), (.decimal(let value), .any):
            return .decimal(value)
        case (.array(let items), .list(let itemType)):
            var values: [Value] = []
            values.reserveCapacity(items.count)
            for item in items {
                guard let value = read(item, as: itemType) else { return nil }
                values.append(value)
            }
            return .list(values)
        default: return Value(json: json).conformed(to: type)
        }
    }
}

// MARK: - Walking

extension FieldNode {
    /// Nil while a condition or an index on the way depends on a look-up.
    private func walk(_ start: JSONValue, _ run: inout Run) throws(Fault) -> JSONValue? {
        var current = start
        for step in steps {
            if case .null = current { return .null }
            switch step {
            case .field(let name):
                if case .object(let object) = current {
                    current = object[name] ?? .null
                } else {
                    current = try crossed(current, name, &run)
                }
            case .pick(let pick, let condition):
                guard let picked = try picked(pick, condition, try list(current), &run) else { return nil }
                current = picked
            case .at(let index):
                guard let place = try integer(index, &run) else { return nil }
                let items = try list(current)
                current =
                    place.flatMap { Int(exactly: $0) }.flatMap { items.indices.contains($0) ? items[$0] : nil } ?? .null
            case .entry(let key):
                guard let name = try key.evaluate(&run) else { return nil }
                current = name.text.flatMap { current[$0] } ?? .null
            case .firstEntryKey:
                current = current.objectValue.flatMap { $0.first { _ in true } }.map { .string($0.key) } ?? .null
            case .keys:
                current = current.objectValue.map { .array($0.keys.map(JSONValue.string)) } ?? .null
            }
        }
        return current
    }

    /// The field of each item of an array, in one list; an item without it counts as null.
    private func crossed(_ value: JSONValue, _ name: String, _ run: inout Run) throws(Fault) -> JSONValue {
        guard case .array(let items) = value else { return .null }
        try run.step(span, count: items.count)
        var fields: [JSONValue] = []
        fields.reserveCapacity(items.count)
        for item in items {
            let field: JSONValue = if case .array = item { try crossed(item, name, &run) } else { item[name] ?? .null }
            if case .array(let inner) = field { fields.append(contentsOf: inner) } else { fields.append(field) }
        }
        return .array(fields)
    }

    private func picked(
        _ pick: PathStep.Pick, _ condition: (any Node)?, _ items: [JSONValue], _ run: inout Run
    ) throws(Fault) -> JSONValue? {
        guard let condition else {
            switch pick {
            case .all: return .array(items)
            case .first: return items.first ?? .null
            case .last: return items.last ?? .null
            }
        }
        let place = run.items.count
        run.items.append(.null)
        var kept: [JSONValue] = []
        var isKnown = true
        for item in pick == .last ? items.reversed() : items {
            try run.step(span)
            run.items[place] = item
            switch try condition.evaluate(&run) {
            case nil: isKnown = false
            case .boolean(true)?: kept.append(item)
            case .boolean(false)?, .null?: break
            case let value?: throw JunctionNode.notBoolean(value, span)
            }
            // Of the rest it is not known yet whether they are needed.
            if pick != .all, !isKnown || !kept.isEmpty { break }
        }
        run.items.removeLast()
        guard isKnown else { return nil }
        return pick == .all ? .array(kept) : kept.first ?? .null
    }

    private func list(_ value: JSONValue) throws(Fault) -> [JSONValue] {
        if case .array(let items) = value { return items }
        throw Fault(
            code: .typeMismatch, span: span,
            message: "The path picks from a list; what arrived is of type \(Value(json: value).type).")
    }

    /// Nil while it depends on a look-up; nil inside for null.
    private func integer(_ node: any Node, _ run: inout Run) throws(Fault) -> Int64?? {
        guard let value = try node.evaluate(&run) else { return .none }
        switch value.conformed(to: .integer) {
        case .integer(let place)?: return .some(place)
        case .null?: return .some(nil)
        default: throw Fault(code: .typeMismatch, span: span, message: "The place in a list is an integer.")
        }
    }
}

/// A question to an external source, whose parameters may depend on anything.
struct LookupPlan: Sendable {
    let source: String
    let group: String
    /// In the order of the group's definition.
    let parameters: [(name: String, value: any Node)]
    let span: Span

    /// The answer; nil while it or a parameter is missing.
    func data(_ run: inout Run) throws(Fault) -> JSONValue? {
        var values = JSONObject(minimumCapacity: parameters.count)
        var isKnown = true
        for (name, node) in parameters {
            if let value = try node.evaluate(&run) { values[name] = value.json } else { isKnown = false }
        }
        guard isKnown else { return nil }
        let request = LookupRequest(source: source, group: group, parameters: values)
        switch run.context.lookup(request.key) {
        case .data(let data): return data
        case .failed:
            throw Fault(
                code: .lookupFailed, span: span, message: "The look-up of \(source).\(group) failed.")
        case .missing:
            try run.ask(for: request, span)
            return nil
        }
    }
}
