/// A call of a function.
final class CallNode: Node {
    private let entry: FunctionEntry
    /// The forms that fit what is known of the arguments' types, the best first.
    private let forms: [Signature]
    private let arguments: [any Node]
    private let span: Span
    /// Where the call stands among the places of its expression that draw.
    private let site: Int

    init(_ entry: FunctionEntry, _ forms: [Signature], _ arguments: [any Node], site: Int, _ span: Span) {
        self.entry = entry
        self.forms = forms
        self.arguments = arguments
        self.span = span
        self.site = site
    }

    func evaluate(_ run: inout Run) throws(Fault) -> Value? {
        try run.step(span)
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
            if case .list(let items) = value { try run.step(span, count: items.count) }
            if value.isNull { hasNull = true }
            values.append(value)
        }
        guard isKnown else { return nil }
        if hasNull, entry.nulls == .giveNull { return .null }
        return try apply(try taken(values), &run)
    }

    private func apply(_ values: [Value], _ run: inout Run) throws(Fault) -> Value {
        run.site = site
        do {
            return try entry.evaluate(Arguments(values: values), &run)
        } catch {
            throw Fault(code: error.code, span: span, message: error.message)
        }
    }

    /// The arguments in the types of the first form that takes them as they are, or else with conversions.
    private func taken(_ values: [Value]) throws(Fault) -> [Value] {
        for exactly in [true, false] {
            for form in forms {
                if let taken = CallNode.taken(values, by: form, exactly: exactly) { return taken }
            }
        }
        let types = values.map(\.type.description).joined(separator: ", ")
        throw Fault(
            code: .typeMismatch, span: span, message: "\(entry.name) does not take (\(types)).")
    }

    private static func taken(_ values: [Value], by form: Signature, exactly: Bool) -> [Value]? {
        var taken: [Value] = []
        taken.reserveCapacity(values.count)
        for (place, value) in values.enumerated() {
            guard let value = form.pattern(at: place).taken(value, exactly: exactly) else { return nil }
            taken.append(value)
        }
        return taken
    }

    private func firstNotNull(_ run: inout Run) throws(Fault) -> Value? {
        for argument in arguments {
            guard let value = try argument.evaluate(&run) else { return nil }
            if !value.isNull { return value }
        }
        return .null
    }
}
