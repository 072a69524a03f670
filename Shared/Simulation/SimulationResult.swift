import Models

/// What happened in a simulation.
package struct SimulationResult: Sendable {
    package let journey: String
    package let seed: UInt64
    package let start: Int64
    package let end: Int64
    package let people: Int
    /// Events that came.
    package let events: Int
    /// Stimuli and timers that the engine handled.
    package let handled: Int
    package let entered: Int
    /// Still inside at the end.
    package let inside: Int
    /// By status.
    package let left: [String: Int]
    /// By reason, over all journeys of the simulation.
    package let refused: [String: Int]
    /// Of those who left as error, by code.
    package let errors: [String: Int]
    package let goals: Int
    let nodes: [(id: String, type: String, tally: SimulationTally.Node)]
    /// From entry to leaving in milliseconds, by status, sorted.
    let durations: [String: [Int64]]
    package let waysTotal: Int
    /// Ways that nobody took, as `node/path`.
    package let waysMissing: [String]
    /// Entrances into journeys that people jumped to.
    package let otherJourneys: [String: Int]
    let samples: [SimulationTally.Sample]

    /// How many took a way.
    package func count(node: String, path: String) -> Int {
        nodes.first { $0.id == node }?.tally.paths[path] ?? 0
    }

    /// As `simulate.run` answers it.
    package var json: JSONValue {
        var object: JSONObject = [
            "journey": .string(journey), "seed": .integer(Int64(bitPattern: seed)),
            "start": .string(Timestamp.text(start)), "until": .string(Timestamp.text(end)),
            "people": JSONValue(people), "events": JSONValue(events), "handled": JSONValue(handled),
            "entered": JSONValue(entered), "inside": JSONValue(inside), "left": Self.counts(left),
            "refused": Self.counts(refused), "errors": Self.counts(errors), "goals": JSONValue(goals),
        ]
        object["nodes"] = .object(JSONObject(nodes.map { ($0.id, Self.node($0.type, $0.tally)) }))
        let durations = self.durations.sorted { $0.key < $1.key }.map { ($0.key, Self.percentiles($0.value)) }
        object["durations"] = .object(JSONObject(durations))
        object["coverage"] = [
            "ways": JSONValue(waysTotal), "taken": JSONValue(waysTotal - waysMissing.count),
            "missing": JSONValue(waysMissing),
        ]
        if !otherJourneys.isEmpty { object["jumpedTo"] = Self.counts(otherJourneys) }
        object["samples"] = .array(samples.map(Self.sample))
        return .object(object)
    }

    private static func counts(_ counts: [String: Int]) -> JSONValue {
        .object(JSONObject(counts.sorted { $0.key < $1.key }.map { ($0.key, JSONValue($0.value)) }))
    }

    private static func node(_ type: String, _ tally: SimulationTally.Node) -> JSONValue {
        var object: JSONObject = ["type": .string(type), "passed": JSONValue(tally.passed)]
        if tally.failed > 0 { object["failed"] = JSONValue(tally.failed) }
        object["paths"] = counts(tally.paths)
        if !tally.statuses.isEmpty { object["calls"] = counts(tally.statuses) }
        if tally.passed > 0 {
            object["afterEntry"] = [
                "mean": .string(ISODuration.text(tally.afterEntrySum / Int64(tally.passed))),
                "max": .string(ISODuration.text(tally.afterEntryMax)),
            ]
        }
        return .object(object)
    }

    private static func percentiles(_ sorted: [Int64]) -> JSONValue {
        func at(_ share: Double) -> JSONValue {
            let place = Int((share * Double(sorted.count)).rounded(.up)) - 1
            return .string(ISODuration.text(sorted[max(0, place)]))
        }
        return ["min": at(0), "median": at(0.5), "p95": at(0.95), "max": at(1)]
    }

    private static func sample(_ sample: SimulationTally.Sample) -> JSONValue {
        let steps = sample.steps.map { step -> JSONValue in
            var object: JSONObject = ["at": .string(Timestamp.text(step.at)), "kind": .string(step.kind.rawValue)]
            let texts = [
                ("node", step.node), ("type", step.type), ("status", step.status), ("path", step.path),
                ("code", step.code), ("detail", step.detail),
            ]
            for case (let key, let text?) in texts { object[key] = .string(text) }
            return .object(object)
        }
        return [
            "namespace": .string(sample.person.namespace), "person": .string(sample.person.id),
            "instance": .string(sample.instance), "status": .string(sample.status ?? "inside"),
            "steps": .array(steps),
        ]
    }
}
