/// Facts that may still change before an expression counts, so that what depends on them has no value yet.
///
/// The profile, membership of audiences, the person's kept events, draws, and what an instance remembers of its way are
/// among them always.
package struct UnknownFacts: Sendable {
    package var events: Set<String> = []
    package var actions: Set<String> = []
    /// Whether the zone of `now()` may be another.
    package var isZoneUnknown = false

    package init() {}

    func covers(_ root: FieldRoot) -> Bool {
        switch root {
        case .event(let name): events.contains(name)
        case .action(let name): actions.contains(name)
        case .profile, .experienceEvents, .lookup: true
        case .item: false
        }
    }

    func covers(_ dependence: FunctionEntry.Dependence) -> Bool {
        switch dependence {
        case .arguments: false
        case .time, .zone: isZoneUnknown
        case .seed, .audiences: true
        }
    }

    func covers(_ attribute: JourneyAttribute) -> Bool {
        switch attribute {
        case .journeyUID, .journeyVersionUID, .journeyVersionName, .journeyVersionDescription, .journeyVersion,
            .instanceUID, .externalKey, .organizationId, .sandboxName, .profileId, .namespace, .currentNodeId,
            .currentNodeName:
            false
        case .previousNodeId, .previousNodeName, .lastNodeUIDInError, .lastNodeNameInError, .lastNodeTypeInError,
            .lastErrorCode, .lastExecutedActionErrorCode, .lastDataFetchErrorCode, .lastActionExecutionElapsedTime,
            .lastDataFetchElapsedTime:
            true
        }
    }
}

extension CompiledExpression {
    /// What the expression comes to whatever the unknown facts turn out to be; nil where that depends on them.
    package func evaluate(
        in context: some EvaluationContext, without unknown: UnknownFacts
    ) throws(EvaluationError) -> Value? {
        if let constant { return constant }
        var run = Run(context: context, unknown: unknown)
        do {
            return try root.evaluate(&run)
        } catch {
            throw located(error)
        }
    }
}
