import Expressions
import Models

/// What the decision at hand went by, for the step event that tells of it.
struct DecisionReadings {
    var values: [StepReading] = []
    /// Whether it went by the time.
    var usesTime = false

    var isEmpty: Bool { values.isEmpty && !usesTime }
}

extension InstanceContext {
    /// Notes what the expression reads of the facts at hand.
    func note(_ expression: PlanExpression) {
        if expression.compiled.references.usesNow { readings.usesTime = true }
        for read in expression.reads where readings.values.count < StepReading.countMax {
            guard let value = value(of: read.source), !readings.values.contains(where: { $0.path == read.path }) else {
                continue
            }
            readings.values.append(StepReading(path: read.path, value: isSecret(read) ? SecretFields.mask : value))
        }
    }

    /// Nil where it was not asked for yet.
    private func value(of source: PlanRead.Source) -> JSONValue? {
        switch source {
        case .event(let name, let path): event(name)?.value(at: path) ?? .null
        case .profile(let path): JSONValue.object(profile).value(at: path) ?? .null
        case .lookup(let beginning, let path): answer(toLookup: beginning).map { $0.value(at: path) ?? .null }
        case .action(let name, let path): action(name)?.value(at: path) ?? .null
        case .audience(let audience): .bool(isMember(of: audience))
        case .attribute(let attribute): journeyAttribute(attribute).json
        }
    }

    /// Gives what was noted, and forgets it.
    func takeReadings() -> DecisionReadings {
        if readings.isEmpty { return DecisionReadings() }
        defer { readings = DecisionReadings() }
        return readings
    }

    func forgetReadings() {
        if !readings.isEmpty { readings = DecisionReadings() }
    }
}

extension Turn {
    /// Lets the step event tell what the decision went by.
    func tellReadings(_ step: inout StepEvent, _ plan: Plan) {
        if context.readings.isEmpty { return }
        let readings = context.takeReadings()
        step.read = readings.values
        if readings.usesTime { step.localTime = ISO8601.write(at, in: context.zone(of: plan)) }
    }
}
