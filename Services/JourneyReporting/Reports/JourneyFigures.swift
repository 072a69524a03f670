import Models

/// The figures of a journey, put together from sums of its series.
struct JourneyFigures: Sendable {
    private(set) var totals = JourneySums()
    private(set) var failures: [String: Int64] = [:]
    private(set) var refusals: [String: Int64] = [:]
    private(set) var nodes: [String: NodeSums] = [:]
    private let arrivals: [String: Int64]

    /// - Parameters:
    ///   - times: how long series took, as steps of ``LatencyScale``.
    ///   - ways: nil where the journey is not known any more.
    init(
        _ sums: [TallySeries: Int64], times: [TallySeries: [(step: Int64, count: Int64)]] = [:], ways: JourneyWays?
    ) {
        arrivals = ways?.arrivals(sums) ?? [:]
        for (series, count) in sums {
            totals.add(kind: series.kind, outcome: series.outcome, count)
            switch StepEvent.Kind(rawValue: series.kind) {
            case .left where series.status == "error": failures[series.code, default: 0] += count
            case .refused: refusals[series.code, default: 0] += count
            case .node:
                nodes[series.node, default: NodeSums(type: series.type)].add(series, count)
            default: break
            }
        }
        for (series, taken) in times where series.kind == StepEvent.Kind.node.rawValue {
            nodes[series.node]?.add(taken)
        }
    }

    /// `totals`, `failedByReason`, `refusals` and `nodes`.
    func members(inProgress: Int64?) -> JSONObject {
        var sums = totals.members
        if let inProgress { sums["inProgress"] = .integer(inProgress) }
        var shown = nodes
        // A node that people came to and nobody left yet is there, too.
        for (node, count) in arrivals where shown[node] == nil && count > 0 { shown[node] = NodeSums(type: "") }
        return [
            "totals": .object(sums), "failedByReason": NodeSums.list(failures, "reason"),
            "refusals": NodeSums.list(refusals, "reason"),
            "nodes": .array(
                shown.sorted { $0.key < $1.key }.map { $0.value.json(node: $0.key, arrived: arrivals[$0.key]) }),
        ]
    }
}
