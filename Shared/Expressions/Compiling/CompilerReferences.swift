import Models

extension Compiler {
    /// A reference whose root is known.
    private struct Path {
        let root: FieldRoot
        /// The type at the root.
        let type: ValueType
        let steps: ArraySlice<PathStep>
        /// The name by which a condition on the way means its item.
        let item: CurrentItem
        /// Whether a field that the shape does not have is allowed.
        var isLenient = false
    }

    mutating func reference(_ reference: ReferenceSyntax, _ span: Span) throws(ExpressionError) -> Piece {
        if case .braces(.journey) = reference.root { return try journey(reference, span) }
        let path = try self.path(of: reference, span)
        if !reference.parameters.isEmpty {
            guard case .lookup = path.root else {
                throw error(
                    .unknownParameter, reference.parameters[0].span, "Only external sources take parameters.")
            }
        }
        let (steps, fieldType, limits) = try walked(path)
        var type = fieldType
        var fallback: Piece?
        if let syntax = reference.defaultValue {
            var piece = try self.piece(syntax)
            guard let joined = type.joined(with: piece.type) else {
                throw error(
                    .typeMismatch, piece.span, "The field is of type \(type), its default value of type \(piece.type).",
                    expected: type.description, suggestion: conversion(of: piece, to: type))
            }
            if joined.hasDecimal { piece = try conformed(piece, to: joined) }
            type = joined
            fallback = piece
        }
        let node = FieldNode(path.root, steps, type, fallback: fallback?.node, span)
        // A default value need not keep to the schema.
        return Piece(node: node, type: type, constant: nil, span: span, limits: fallback == nil ? limits : nil)
    }

    /// The leading fields of a path, which is what is noted as read.
    private static func leadingFields(_ steps: ArraySlice<PathStep>) -> [String] {
        var names: [String] = []
        for step in steps {
            guard case .field(let name) = step.kind else { break }
            names.append(name)
        }
        return names
    }

    private func name(_ steps: [PathStep], _ place: Int) -> (name: String, span: Span)? {
        guard place < steps.count, case .field(let name) = steps[place].kind else { return nil }
        return (name, steps[place].span)
    }

    private mutating func path(of reference: ReferenceSyntax, _ span: Span) throws(ExpressionError) -> Path {
        let steps = reference.steps
        switch reference.root {
        case .item(let item): return try itemPath(item, steps, span)
        case .bare: return try barePath(steps, span)
        case .braces(.event): return try eventPath(steps, span)
        case .braces(.action): return try actionPath(steps, span)
        case .braces(.source), .braces(.journey): return try sourcePath(reference, span)
        }
    }

    // MARK: Roots

    private static let statusField = "jo_status_code"

    private func itemPath(_ item: CurrentItem, _ steps: [PathStep], _ span: Span) throws(ExpressionError) -> Path {
        guard let place = items.lastIndex(where: { $0.kind == item }) else {
            throw error(
                .wrongItem, Span(Int(span.start), Int(span.start) + item.rawValue.utf8.count),
                items.isEmpty
                    ? "\(item.rawValue) has a meaning inside the condition of a path only."
                    : "The condition around speaks about another kind of item.",
                expected: items.last?.kind.rawValue, suggestion: items.last?.kind.rawValue)
        }
        return Path(root: .item(place), type: items[place].type, steps: steps[...], item: item)
    }

    private mutating func profilePath(_ steps: ArraySlice<PathStep>) -> Path {
        references.profilePaths.appendIfNew(Compiler.leadingFields(steps))
        return Path(root: .profile, type: .object(scope.profile), steps: steps, item: .source)
    }

    private mutating func barePath(_ steps: [PathStep], _ span: Span) throws(ExpressionError) -> Path {
        guard let (first, firstSpan) = name(steps, 0) else {
            throw error(.unknownName, span, "This name is not known here.")
        }
        if scope.barePathsAreProfile { return profilePath(steps[...]) }
        throw error(
            .unknownName, firstSpan,
            "The name \(first) is not known here; fields are written in braces, texts in quotes.",
            suggestion: suggestion(forBare: first, source(span)))
    }

    private func suggestion(forBare name: String, _ whole: String) -> String {
        if scope.events[name] != nil { return "@event{\(whole)}" }
        if scope.sources[name] != nil || name == ProfileSource.short { return "#{\(whole)}" }
        if scope.actions[name] != nil { return "@action{\(whole)}" }
        if JourneyAttribute(rawValue: name) != nil { return "@journey{\(name)}" }
        if FunctionTable.named(name) != nil { return "\(name)(…)" }
        let words = ["true", "false", "null", "not", "if"] + CurrentItem.allCases.map(\.rawValue)
        if let word = Suggestion.nearest(to: name, in: words) { return word }
        return "\"\(whole)\""
    }

    private mutating func eventPath(_ steps: [PathStep], _ span: Span) throws(ExpressionError) -> Path {
        guard let (event, eventSpan) = name(steps, 0) else {
            throw error(.unknownEvent, span, "The name of an event comes first.")
        }
        let isOwn = event == scope.ownEvent
        guard let shape = scope.events[event] ?? (isOwn ? .any : nil) else {
            throw error(
                .unknownEvent, eventSpan, "No event \(event) has occurred here.",
                expected: scope.events.keys.sorted().joined(separator: ", "),
                suggestion: Suggestion.nearest(to: event, in: scope.events.keys))
        }
        let rest = steps[1...]
        references.eventFields.appendIfNew(.init(event: event, path: Compiler.leadingFields(rest)))
        return Path(root: .event(event), type: .object(shape), steps: rest, item: .event, isLenient: isOwn)
    }

    private mutating func actionPath(_ steps: [PathStep], _ span: Span) throws(ExpressionError) -> Path {
        guard let (action, actionSpan) = name(steps, 0) else {
            throw error(.unknownAction, span, "The name of an action comes first.")
        }
        guard let shape = scope.actions[action] else {
            throw error(
                .unknownAction, actionSpan, "No action \(action) was performed before.",
                expected: scope.actions.keys.sorted().joined(separator: ", "),
                suggestion: Suggestion.nearest(to: action, in: scope.actions.keys))
        }
        let rest = steps[1...]
        references.actions.appendIfNew(.init(action: action, path: Compiler.leadingFields(rest)))
        // Whatever a response holds, how the call went is set beside it.
        let fields = shape.fields.merging([ExactText(Compiler.statusField): .string]) { $1 }
        let type = ValueType.object(Shape(fields: fields, others: shape.others))
        return Path(root: .action(action), type: type, steps: rest, item: .action)
    }

    private mutating func sourcePath(_ reference: ReferenceSyntax, _ span: Span) throws(ExpressionError) -> Path {
        let steps = reference.steps
        guard let (source, sourceSpan) = name(steps, 0) else {
            throw error(.unknownSource, span, "The name of a data source comes first.")
        }
        if source == ProfileSource.short { return profilePath(steps[1...]) }
        if source == ProfileSource.source { return try platformPath(steps, span) }
        guard let groups = scope.sources[source] else {
            let known = scope.sources.keys.sorted() + [ProfileSource.short]
            throw error(
                .unknownSource, sourceSpan, "There is no data source \(source).",
                expected: known.joined(separator: ", "), suggestion: Suggestion.nearest(to: source, in: known))
        }
        guard let (group, groupSpan) = name(steps, 1), let definition = groups[group] else {
            let groupName = name(steps, 1)
            throw error(
                .unknownGroup, groupName?.span ?? sourceSpan, "The source \(source) has no such group of fields.",
                expected: groups.keys.sorted().joined(separator: ", "),
                suggestion: groupName.flatMap { Suggestion.nearest(to: $0.name, in: groups.keys) })
        }
        let rest = steps[2...]
        references.lookups.appendIfNew(.init(source: source, group: group, path: Compiler.leadingFields(rest)))
        let parameters = try self.parameters(reference.parameters, definition, sourceSpan.through(groupSpan))
        let plan = LookupPlan(source: source, group: group, parameters: parameters, span: span)
        return Path(root: .lookup(plan), type: .object(definition.shape), steps: rest, item: .source)
    }

    /// `#{ExperiencePlatform.ProfileFieldGroup…}` and
    /// `#{ExperiencePlatform.ExperienceEventFieldGroup.experienceevent…}`; in its place an event definition may stand.
    private mutating func platformPath(_ steps: [PathStep], _ span: Span) throws(ExpressionError) -> Path {
        let group = name(steps, 1)
        if group?.name == ProfileSource.profileGroup { return profilePath(steps[2...]) }
        if group?.name == ProfileSource.eventGroup {
            return try keptPath(steps, span)
        }
        let known = [ProfileSource.profileGroup, ProfileSource.eventGroup]
        throw error(
            .unknownGroup, group?.span ?? span, "\(ProfileSource.source) has no such group of fields.",
            expected: known.joined(separator: ", "),
            suggestion: group.flatMap { Suggestion.nearest(to: $0.name, in: known) } ?? ProfileSource.profileGroup)
    }

    /// The person's kept events: all, or those of one definition.
    private mutating func keptPath(_ steps: [PathStep], _ span: Span) throws(ExpressionError) -> Path {
        guard let all = scope.experienceEvents else {
            throw error(.notAvailable, span, "The events of the profile cannot be read here.")
        }
        let (list, listSpan) = name(steps, 2) ?? ("", span)
        if scope.unkeptEvents.contains(list), list != ProfileSource.eventList {
            throw error(
                .notAvailable, listSpan,
                "Events of \(list) are not kept with the person: set keepInProfile of the event.")
        }
        let isAll = list == ProfileSource.eventList
        guard let shape = isAll ? all : scope.keptEvents[list] else {
            let known = [ProfileSource.eventList] + scope.keptEvents.keys.sorted()
            throw error(
                .unknownEvent, listSpan, "There is no event \(list): the group has one list for each, and one of all.",
                expected: known.joined(separator: ", "),
                suggestion: Suggestion.nearest(to: list, in: known) ?? ProfileSource.eventList)
        }
        references.usesExperienceEvents = true
        return Path(
            root: .experienceEvents(of: isAll ? nil : list), type: .list(.object(shape)), steps: steps[3...],
            item: .source)
    }

    private mutating func parameters(
        _ given: [ParameterSyntax], _ group: ExpressionScope.FieldGroup, _ span: Span
    ) throws(ExpressionError) -> [(name: String, value: any Node)] {
        let unknown = given.filter { !group.parameters.contains($0.name) }
        if let parameter = unknown.first, !group.isOpen {
            throw error(
                .unknownParameter, parameter.span, "The source takes no parameter \(parameter.name).",
                expected: group.parameters.joined(separator: ", "),
                suggestion: Suggestion.nearest(to: parameter.name, in: group.parameters))
        }
        var nodes: [(name: String, value: any Node)] = []
        for name in group.parameters + unknown.map(\.name).sorted() {
            if let parameter = given.first(where: { $0.name == name }) {
                nodes.append((name, try piece(parameter.value).node))
            } else if !group.optional.contains(name) {
                throw error(
                    .missingParameter, span, "The source needs the parameter \(name).",
                    expected: group.parameters.joined(separator: ", "), suggestion: "params: {\(name): …}")
            }
        }
        return nodes
    }

    private mutating func journey(_ reference: ReferenceSyntax, _ span: Span) throws(ExpressionError) -> Piece {
        guard scope.hasJourney else {
            throw error(.notAvailable, span, "There is no journey here whose attributes could be read.")
        }
        guard let attribute = (name(reference.steps, 0)?.name).flatMap(JourneyAttribute.init) else {
            let known = JourneyAttribute.allCases.map(\.rawValue)
            throw error(
                .unknownAttribute, reference.steps[0].span, "A journey has no such attribute.",
                expected: known.joined(separator: ", "),
                suggestion: name(reference.steps, 0).flatMap { Suggestion.nearest(to: $0.name, in: known) })
        }
        if reference.steps.count > 1 {
            throw error(.unknownField, reference.steps[1].span, "A journey's attribute has no fields.")
        }
        if let parameter = reference.parameters.first {
            throw error(.unknownParameter, parameter.span, "Only external sources take parameters.")
        }
        references.journeyAttributes.appendIfNew(attribute)
        let fallback = try reference.defaultValue.map { (syntax) throws(ExpressionError) in
            try conformed(try piece(syntax), to: attribute.type)
        }
        let node = JourneyNode(attribute, fallback: fallback?.node)
        return Piece(node: node, type: attribute.type, constant: nil, span: span)
    }

    // MARK: Steps

    private mutating func walked(
        _ path: Path
    ) throws(ExpressionError) -> (steps: [FieldStep], type: ValueType, limits: ValueLimits?) {
        var steps: [FieldStep] = []
        var type = path.type
        var limits: ValueLimits?
        for step in path.steps {
            if case .field(let name) = step.kind, case .object(let shape) = type {
                limits = shape.limits[ExactText(name)]
            } else {
                limits = nil
            }
            switch step.kind {
            case .field(let name):
                type = try field(name, of: type, path, step.span)
                steps.append(.field(name))
            case .pick(let pick, let condition):
                let item = try itemType(of: type, step.span, pick.rawValue)
                let node = try condition.map { (syntax) throws(ExpressionError) in
                    try self.condition(syntax, on: path.item, item)
                }
                steps.append(.pick(pick, condition: node))
                type = pick == .all ? .list(item) : item
            case .at(let index):
                type = try itemType(of: type, step.span, "at")
                steps.append(.at(try conformed(try piece(index), to: .integer).node))
            case .entry(let key):
                let piece = try conformed(try piece(key), to: .string)
                type = try entryType(of: type, key: piece.constant, step.span)
                steps.append(.entry(piece.node))
            case .firstEntryKey:
                _ = try entryType(of: type, key: nil, step.span)
                type = .string
                steps.append(.firstEntryKey)
            case .keys:
                _ = try entryType(of: type, key: nil, step.span)
                type = .list(.string)
                steps.append(.keys)
            }
        }
        return (steps, type, limits)
    }

    private mutating func field(
        _ name: String, of type: ValueType, _ path: Path, _ span: Span
    ) throws(ExpressionError) -> ValueType {
        if let field = type.field(name) { return field }
        let fields = Compiler.fields(of: type)
        let near = Suggestion.nearest(to: name, in: fields ?? [])
        if path.isLenient, fields != nil {
            warn(.unknownField, span, "The schema has no field \(name).", suggestion: near)
            return .any
        }
        guard let fields else {
            throw error(.unknownField, span, "A value of type \(type) has no fields.")
        }
        throw error(
            .unknownField, span, "There is no field \(name) here.",
            expected: fields.prefix(20).joined(separator: ", "), suggestion: near)
    }

    /// In alphabetical order; nil for what has no fields.
    private static func fields(of type: ValueType) -> [String]? {
        switch type {
        case .object(let shape): shape.fields.keys.sorted().map(\.text)
        case .list(let item): fields(of: item)
        default: nil
        }
    }

    private func itemType(of type: ValueType, _ span: Span, _ name: String) throws(ExpressionError) -> ValueType {
        switch type {
        case .list(let item): return item
        case .any: return .any
        default:
            throw error(.typeMismatch, span, "\(name) picks from a list; this is of type \(type).", expected: "list")
        }
    }

    private mutating func condition(
        _ syntax: Syntax, on item: CurrentItem, _ type: ValueType
    ) throws(ExpressionError) -> any Node {
        items.append((item, type))
        defer { items.removeLast() }
        let piece = try condition(syntax)
        if let constant = piece.constant {
            warn(.constantCondition, piece.span, "This is always \(constant.text ?? "null").")
        }
        return piece.node
    }

    private func entryType(of type: ValueType, key: Value?, _ span: Span) throws(ExpressionError) -> ValueType {
        switch type {
        case .any: return .any
        case .object(let shape):
            if case .string(let name)? = key, let field = shape.type(of: name) { return field }
            let values = shape.fields.values.reduce(shape.others ?? .null) { $0.merged(with: $1) }
            return values.unlessNull
        default:
            throw error(.typeMismatch, span, "Only a map has entries; this is of type \(type).", expected: "object")
        }
    }
}
