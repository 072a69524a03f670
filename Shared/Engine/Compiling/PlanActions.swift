import Expressions
import Models

/// Compiling what is done to the outside: actions, messages, the profile, jumps.
extension PlanCompiler {
    mutating func compiled(
        _ step: JourneyNode.Action, _ place: Int, _ expressions: inout [CompiledExpression]
    ) -> ActionStep {
        let definition = catalogue.actions[step.action]
        if definition == nil, !step.action.isEmpty {
            report(
                .unknownAction, node: place, field: "/action", "There is no action \(quoted(step.action)).",
                "Create the action, or choose one that there is.")
        }
        var given: [String: CompiledExpression] = [:]
        for parameter in step.parameters {
            let known = definition?.parameters.first { $0.name == parameter.name }
            if definition != nil, known == nil {
                report(
                    .unknownParameter, node: place, field: Self.field(of: parameter),
                    "The action \(quoted(step.action)) has no parameter \(quoted(parameter.name)).",
                    "Remove it, or add it to the action.")
            }
            let use = Use(expects: known.flatMap { $0.type == .any ? nil : $0.type.valueType })
            if let compiled = expression(
                parameter.expression, node: place, field: Self.field(of: parameter), use)
            {
                given[parameter.name] = compiled
                expressions.append(compiled)
            }
        }
        var parameters: [ActionStep.Parameter] = []
        for parameter in definition?.parameters ?? [] {
            if let compiled = given[parameter.name] {
                parameters.append(
                    .init(
                        name: parameter.name, expression: PlanExpression(compiled),
                        isRequired: parameter.isRequired, allowsNull: parameter.allowsNull))
            } else if parameter.isRequired, !step.parameters.contains(where: { $0.name == parameter.name }) {
                report(
                    .missingParameter, node: place, field: "/parameters",
                    "The action \(quoted(step.action)) needs the parameter \(quoted(parameter.name)).",
                    "Give it an expression.")
            }
        }
        return ActionStep(
            target: .action(
                step.action, revision: definition?.revision ?? 0, sample: definition?.sample ?? .null),
            parameters: parameters, timeoutMilliseconds: document.properties.timeoutMilliseconds,
            onError: step.onError.map(targets), fields: [], keepsResponse: false)
    }

    mutating func compiled(
        _ step: JourneyNode.Message, _ type: String, _ place: Int, _ expressions: inout [CompiledExpression]
    ) -> ActionStep {
        if (step.template == nil) == (step.content == nil) {
            report(
                .messageContent, node: place, field: "/template",
                "A message has either a template or content of its own, and this has "
                    + (step.template == nil ? "neither." : "both."),
                "Give the name of a template, or content.")
        }
        var parameters: [ActionStep.Parameter] = []
        for parameter in step.parameters {
            guard
                let compiled = expression(
                    parameter.expression, node: place, field: Self.field(of: parameter), Use())
            else { continue }
            expressions.append(compiled)
            parameters.append(
                .init(
                    name: parameter.name, expression: PlanExpression(compiled), isRequired: false, allowsNull: false))
        }
        return ActionStep(
            target: .message(
                MessageRequest.Channel(rawValue: type) ?? .email, template: step.template, content: step.content),
            parameters: parameters, timeoutMilliseconds: document.properties.timeoutMilliseconds,
            onError: step.onError.map(targets), fields: [], keepsResponse: false)
    }

    mutating func compiled(
        update field: String, _ value: String, _ onError: JourneyNode.Way?, _ place: Int,
        _ expressions: inout [CompiledExpression]
    ) -> PlanStep {
        parts.readsProfile = true
        profileNodes.insert(place)
        var path: [String] = []
        var type: ValueType?
        if let found = Shape.path(field), !found.isEmpty {
            path = found
            type = catalogue.profile.type(at: found)
            reads.profile.insert(found)
            if type == nil {
                report(
                    .unknownProfileField, node: place, field: "/field", "The profile has no field \(quoted(field)).",
                    "Choose a field of the profile's schema, or add it there.")
            }
        } else if !field.isEmpty {
            report(
                .malformed, node: place, field: "/field", "\(quoted(field)) is not a path of the profile.",
                "Write a path such as loyalty.tier.")
        }
        let use = Use(expects: type.flatMap { $0.isScalar ? $0 : nil })
        guard let compiled = expression(value, node: place, field: "/value", use), !path.isEmpty else { return .end }
        expressions.append(compiled)
        return .updateProfile(
            UpdateStep(path: path, value: PlanExpression(compiled), onError: onError.map(targets)))
    }

    mutating func compiled(
        jump name: String, _ parameters: [JourneyNode.Parameter], _ place: Int,
        _ expressions: inout [CompiledExpression]
    ) -> JumpStep {
        profileNodes.insert(place)
        let entry = checkTarget(of: name, place)
        parts.jumpTargets.insert(name)
        var fields: [(path: [String], value: PlanExpression)] = []
        for parameter in parameters {
            let field = Self.field(of: parameter)
            var use = Use()
            let path = Shape.path(parameter.name) ?? []
            if path.isEmpty {
                report(
                    .malformed, node: place, field: field,
                    "\(quoted(parameter.name)) is not a path of the entry event.",
                    "Write a path such as order.id.")
            } else if let entry, let shape = catalogue.events[entry]?.shape {
                let type = shape.type(at: path)
                reads.events[entry, default: []].insert(path)
                if type == nil {
                    report(
                        .unknownParameter, node: place, field: field,
                        "The event \(quoted(entry)), by which people enter \(quoted(name)), has no field "
                            + "\(quoted(parameter.name)).",
                        "Choose one of the event's fields.")
                }
                use.expects = type.flatMap { $0.isScalar ? $0 : nil }
            }
            guard let compiled = expression(parameter.expression, node: place, field: field, use) else { continue }
            expressions.append(compiled)
            fields.append((path, PlanExpression(compiled)))
        }
        return JumpStep(journey: name, fields: fields)
    }

    /// The entry event of the journey that is jumped to; nil where there is none, with a finding.
    private mutating func checkTarget(of name: String, _ place: Int) -> String? {
        if name.isEmpty { return nil }
        guard name != document.name else {
            report(
                .jumpLoop, node: place, field: "/journey", "The journey jumps to itself.",
                "Lead a way back to an earlier node instead.")
            return nil
        }
        guard let target = catalogue.journeys[name] else {
            report(
                .unknownJourney, node: place, field: "/journey", "There is no journey \(quoted(name)).",
                "Create the journey, or choose one that there is.")
            return nil
        }
        if leadsBack(from: name) {
            report(
                .jumpLoop, node: place, field: "/journey",
                "By jumps \(quoted(name)) leads back to this journey.", "Remove one of the jumps.")
        }
        guard let entry = target.entryEvent else {
            report(
                .jumpTarget, node: place, field: "/journey",
                "People do not enter \(quoted(name)) by an event, so nobody can jump there.",
                "Choose a journey that begins with an event.")
            return nil
        }
        if !target.isLive {
            report(
                .jumpTargetNotLive, .warning, node: place, field: "/journey",
                "The journey \(quoted(name)) is not live; while it is not, the jump is an error.",
                "Publish that journey first.")
        }
        if let own = ownNamespace, let other = catalogue.events[entry]?.namespace, own != other {
            report(
                .namespaceMismatch, node: place, field: "/journey",
                "The journey \(quoted(name)) knows people by \(quoted(other)), this one by \(quoted(own)).",
                "Jump to a journey of the same namespace.")
        }
        return entry
    }

    /// Whether jumps lead from another journey to this one.
    private mutating func leadsBack(from name: String) -> Bool {
        if let known = knownLoops[name] { return known }
        var seen: Set<String> = [name]
        var waiting = [name]
        var found = false
        while let next = waiting.popLast(), !found {
            for target in catalogue.journeys[next]?.jumps ?? [] {
                if target == document.name { found = true }
                if seen.insert(target).inserted { waiting.append(target) }
            }
        }
        knownLoops[name] = found
        return found
    }

    static func field(of parameter: JourneyNode.Parameter) -> String {
        "/parameters/" + parameter.name.replacing("~", with: "~0").replacing("/", with: "~1")
    }
}

extension ValueType {
    /// Whether an expression can be held to it: objects and lists of them come from references as they are.
    var isScalar: Bool {
        switch self {
        case .any, .null, .object: false
        case .list(let item): item.isScalar
        default: true
        }
    }
}
