import Expressions
import Models

/// Compiling the expressions of a journey, and noting what they read.
extension PlanCompiler {
    /// What an expression may do.
    struct Use {
        var expects: ValueType?
        /// The event that is being looked at.
        var ownEvent: String?
        var mayLookUp = true
    }

    /// The compiled expression, or nil with a finding.
    mutating func expression(_ text: String, node: Int?, field: String, _ use: Use) -> CompiledExpression? {
        var scope = node.map { self.scope(at: $0, named: text) } ?? scopeOfEntry()
        scope.expects = use.expects
        if let own = use.ownEvent {
            scope.ownEvent = own
            scope.events[own] = catalogue.events[own]?.shape ?? .any
        }
        do {
            let compiled = try Expression.compile(text, in: scope)
            // A condition that is never true is said of its path, which can never hold.
            let isSaidOfPath = field.hasSuffix("/when") && compiled.isNeverTrue
            for warning in compiled.warnings where !(isSaidOfPath && warning.code == .neverTrue) {
                report(warning, node, field)
            }
            note(compiled.references, node: node, ownEvent: use.ownEvent)
            if !use.mayLookUp, let lookup = compiled.references.lookups.first {
                report(
                    .lookupNotAllowed, node: node, field: field,
                    "Here no data can be looked up, as \(lookup.source).\(lookup.group) asks for.",
                    "Use the event and the profile here, and look the data up in a condition that follows.")
                return nil
            }
            return compiled
        } catch {
            var finding = Finding(
                code: error.code.rawValue, severity: .error, node: node.flatMap(identified),
                field: located(node, field),
                message: error.message, remedy: Self.remedy(error))
            finding.line = error.line
            finding.column = error.column
            finding.length = error.length
            report(finding, node)
            return nil
        }
    }

    private mutating func report(_ warning: ExpressionWarning, _ node: Int?, _ field: String) {
        if warning.code == .constantCondition, field.hasSuffix("/when") { return }
        // A value may well be a constant.
        let isValue = field.hasSuffix("/value") || field.hasPrefix("/parameters/")
        if warning.code == .constantCondition, isValue { return }
        var finding = Finding(
            code: warning.code.rawValue, severity: .warning, node: node.flatMap(identified),
            field: located(node, field),
            message: warning.message, remedy: warning.suggestion ?? "Check that this is what you mean.")
        finding.line = warning.line
        finding.column = warning.column
        finding.length = warning.length
        report(finding, node)
    }

    private static func remedy(_ error: ExpressionError) -> String {
        if let suggestion = error.suggestion, !suggestion.isEmpty { return "Did you mean \(suggestion)?" }
        if let expected = error.expected, !expected.isEmpty { return "Expected here: \(expected)." }
        return "Correct the expression."
    }

    /// Of the instance key: nothing has happened but the entry event.
    private func scopeOfEntry() -> ExpressionScope {
        var scope = ExpressionScope()
        scope.profile = catalogue.profile
        scope.audiences = catalogue.audiences
        return scope
    }

    private mutating func note(_ references: References, node: Int?, ownEvent: String?) {
        reads.note(references)
        for field in references.eventFields {
            if field.event == ownEvent {
                ownEventPaths[field.event, default: []].insert(field.path)
            } else {
                eventPaths[field.event, default: []].insert(field.path)
            }
        }
        for field in references.actions { responsePaths[field.action, default: []].insert(field.path) }
        if references.usesExperienceEvents { parts.readsKeptEvents = true }
        if !references.profilePaths.isEmpty || !references.audiences.isEmpty {
            parts.readsProfile = true
            if let node { profileNodes.insert(node) } else { parts.readsProfileAnywhere = true }
        }
        parts.profilePaths.formUnion(references.profilePaths)
        parts.audiences.formUnion(references.audiences)
        for attribute in references.journeyAttributes { parts.remembered.formUnion(attribute.remembered) }
    }

    /// The fields that expressions look up, by `source.group`.
    static func lookupFields(of expressions: [CompiledExpression]) -> [String: [String]] {
        var paths: [String: Set<[String]>] = [:]
        for expression in expressions {
            for use in expression.references.lookups {
                paths[use.source + "." + use.group, default: []].insert(use.path)
            }
        }
        return paths.mapValues { paths in
            let tree = FieldTree(paths: paths)
            return tree.isWhole ? [""] : tree.paths
        }
    }
}

extension JourneyAttribute {
    /// What an instance must remember for this to be read: names and types of nodes follow from their ids.
    var remembered: [JourneyAttribute] {
        switch self {
        case .previousNodeId, .previousNodeName: [.previousNodeId]
        case .lastNodeUIDInError, .lastNodeNameInError, .lastNodeTypeInError: [.lastNodeUIDInError]
        case .lastErrorCode, .lastExecutedActionErrorCode, .lastDataFetchErrorCode, .lastActionExecutionElapsedTime,
            .lastDataFetchElapsedTime:
            [self]
        default: []
        }
    }
}
