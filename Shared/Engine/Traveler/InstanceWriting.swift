import Expressions
import Models

extension Instance {
    /// The instance as its field of the traveler's hash holds it. Members that have their usual value are left out.
    var bytes: [UInt8] {
        var writer = ElementWriter(capacity: 192 + weight)
        writer.add("journey", plan.journey)
        writer.add("version", plan.version)
        writer.add("entered", entered)
        // The header ends here: what stands before is read without the rest.
        if phase != .listening { writer.add("phase", phase.rawValue) }
        if !key.isEmpty { writer.add("key", key) }
        writer.add("node", plan.nodes[node].id)
        writer.add("steps", steps)
        if let due { writer.add("due", due) }
        if !branches.isEmpty { writer.add("branches", branches.map { plan.nodes[$0].id }) }
        if dueBranch != 0 { writer.add("dueBranch", Int64(dueBranch)) }
        if round != 0 { writer.add("round", round) }
        if path != 0 { writer.add("path", Int64(path)) }
        if chain != 0 { writer.add("chain", chain) }
        if changes != 0 {
            writer.add("changes", changes)
            writer.add("changedAt", changedAt)
        }
        if hasReachedGoal { writer.add("goal", true) }
        // Of an ended instance the request cannot be told from its place.
        if phase == .ended, let pending { writer.add("pending", pending) }
        if !visits.isEmpty {
            let pairs = visits.sorted { $0.key < $1.key }.map { (plan.nodes[$0.key].id, JSONValue.integer($0.value)) }
            writer.add("visits", JSONObject(pairs))
        }
        if !spared.isEmpty { writer.add("spared", spared.sorted().map { plan.nodes[$0].id }) }
        writeKept(&writer)
        return writer.finish()
    }

    private func writeKept(_ writer: inout ElementWriter) {
        if !asked.isEmpty { writer.add("asked", JSONObject(asked.map { ($0.key, .string($0.group)) })) }
        if !answers.isEmpty {
            let pairs = answers.map { key, answer -> (String, JSONValue) in
                switch answer {
                case .data(let data): (key, ["data": data])
                case .failed(let code): (key, ["error": .string(code)])
                }
            }
            writer.add("answers", JSONObject(pairs))
        }
        if !events.isEmpty { writer.add("events", JSONObject(events.map { ($0.name, $0.value) })) }
        if !actions.isEmpty { writer.add("actions", JSONObject(actions.map { ($0.name, $0.value) })) }
        if !kept.isEmpty { writer.add("kept", .array(kept.map(\.json))) }
        if !remembered.isEmpty {
            let pairs = remembered.map { ($0.key.rawValue, $0.value.json) }.sorted { $0.0 < $1.0 }
            writer.add("remembered", JSONObject(pairs))
        }
    }
}
