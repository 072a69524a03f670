import Models

/// What happened at one node.
struct NodeSums: Sendable {
    let type: String
    var passed: Int64 = 0
    var failed: Int64 = 0
    var timedOut: Int64 = 0
    var paths: [String: Int64] = [:]
    var codes: [String: Int64] = [:]
    var capped: Int64 = 0
    /// Steps of ``LatencyScale`` with their counts.
    var times: [Int64: Int64] = [:]

    /// All that left the node by a way or an error.
    var handled: Int64 { passed + failed + timedOut }

    mutating func add(_ series: TallySeries, _ count: Int64) {
        switch series.status {
        case "ok": passed += count
        case "timedOut": timedOut += count
        default:
            failed += count
            if !series.code.isEmpty { codes[series.code, default: 0] += count }
            if series.code == "capped" { capped += count }
        }
        if !series.path.isEmpty { paths[series.path, default: 0] += count }
    }

    mutating func add(_ taken: [(step: Int64, count: Int64)]) {
        for (step, count) in taken { times[step, default: 0] += count }
    }

    private var sends: Bool { ["action", "email", "sms", "push"].contains(type) }

    func json(node: String, arrived: Int64?) -> JSONValue {
        var object: JSONObject = [
            "node": .string(node), "type": .string(type), "arrived": .integer(arrived ?? handled),
            "passed": .integer(passed), "failed": .integer(failed), "timedOut": .integer(timedOut),
            "paths": Self.list(paths, "path"), "failedByReason": Self.list(codes, "reason"),
        ]
        if sends {
            object["action"] = [
                "sent": .integer(passed), "failed": .integer(failed - capped), "capped": .integer(capped),
                "latency": latency,
            ]
        }
        return .object(object)
    }

    private var latency: JSONValue {
        let steps = times.map { (step: $0.key, count: $0.value) }
        func part(_ part: Double) -> JSONValue {
            LatencyScale.percentile(part, of: steps).map(JSONValue.integer) ?? .null
        }
        return [
            "count": .integer(steps.reduce(0) { $0 + $1.count }), "p50Ms": part(0.5), "p95Ms": part(0.95),
            "p99Ms": part(0.99),
        ]
    }

    /// `[{"path": "gold", "count": 3}]`, the most frequent first.
    static func list(_ counts: [String: Int64], _ member: String) -> JSONValue {
        let sorted = counts.sorted { $0.value == $1.value ? $0.key < $1.key : $0.value > $1.value }
        return .array(
            sorted.map { .object(JSONObject([(member, .string($0.key)), ("count", .integer($0.value))])) })
    }
}
