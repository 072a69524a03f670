/// A call of a function.
final class CallNode: Node {
    private let entry: FunctionEntry
    /// The forms that fit what is known of the arguments' types, the best first.
    private let forms: [Signature]
    private let arguments: [any Node]
    private let type: ValueType
    private let span: Span
    private let prepared: PreparedArguments
    /// Where the call stands among the places of its expression that draw.
    private let site: Int

    init(
        _ entry: FunctionEntry, _ forms: [Signature], _ arguments: [any Node], _ type: ValueType,
        prepared: PreparedArguments, site: Int, _ span: Span
    ) {
        self.entry = entry
        self.forms = forms
        self.arguments = arguments
        self.type = type
        self.span = span
        self.prepared = prepared
        self.site = site
    }

    func evaluate(_ run: inout Run) throws(Fault) -> Value? {
        try run.step(span)
        if let unknown = run.unknown, unknown.covers(entry.dependence) { return nil }
        if entry.nulls == .skipped { return try firstNotNull(&run) }
        var values: [Value] = []
        values.reserveCapacity(arguments.count)
        var isKnown = true
        var hasNull = false
        for argument in arguments {
            guard let value = try argument.evaluate(&run) else {
                isKnown = false
                continue
            }
            switch value {
            case .list, .object: try run.step(span, count: value.weight)
            case .string(let text): try run.step(span, count: text.utf8.count / Run.textBytesPerStep)
            case .null: hasNull = true
            default: break
            }
            values.append(value)
        }
        guard isKnown else { return nil }
        if hasNull, entry.nulls == .giveNull { return .null }
        return try apply(try taken(values), &run)
    }

    private func apply(_ values: [Value], _ run: inout Run) throws(Fault) -> Value {
        run.site = site
        do {
            return try entry.evaluate(Arguments(values: values, resultType: type, prepared: prepared), &run)
        } catch {
            throw Fault(code: error.code, span: span, message: error.message)
        }
    }

    /// The arguments as the first form takes them that needs no conversion, or else the first that takes them at all.
    private func taken(_ values: [Value]) throws(Fault) -> [Value] {
        for form in forms where values.indices.allSatisfy({ form.pattern(at: $0).accepts(values[$0]) }) {
            return values
        }
        for form in forms {
            let converted = values.indices.compactMap { form.pattern(at: $0).converted(values[$0]) }
            if converted.count == values.count { return converted }
        }
        let types = values.map(\.type.description).joined(separator: ", ")
        throw Fault(
            code: .typeMismatch, span: span, message: "\(entry.name) does not take (\(types)).")
    }

    private func firstNotNull(_ run: inout Run) throws(Fault) -> Value? {
        for argument in arguments {
            guard let value = try argument.evaluate(&run) else { return nil }
            if !value.isNull { return value }
        }
        return .null
    }
}
