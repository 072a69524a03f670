import Models

/// Where each way out of each node leads, in the versions of a journey: how many came to a node is how many went the
/// ways that lead there.
struct JourneyWays: Sendable {
    private struct Place: Hashable {
        let version: Int64
        let node: String
        let path: String
    }

    private var targets: [Place: [String]] = [:]
    private var led: Set<String> = []
    /// The versions up to this one were those of a journey that had the name before and was deleted.
    let origin: Int64

    /// - Parameter record: the journey as the definitions hold it, with all versions.
    init(_ record: JSONObject) {
        origin = record["origin"]?.integerValue ?? 0
        for version in record["versions"]?.arrayValue ?? [] {
            guard let number = version["version"]?.integerValue, let document = version["document"]?.objectValue
            else { continue }
            for node in JourneyDocument(document).nodes { add(node, version: number) }
        }
    }

    private mutating func add(_ node: JourneyNode, version: Int64) {
        func note(_ path: String, _ way: JourneyNode.Way?) {
            guard let way else { return }
            targets[Place(version: version, node: node.id, path: path), default: []] += way.next
            led.formUnion(way.next)
        }
        note("next", node.way)
        switch node.body {
        case .event(let event): note("onTimeout", event.onTimeout)
        case .reaction(let reaction): note("onTimeout", reaction.onTimeout)
        case .action(let action): note("onError", action.onError)
        case .message(let message): note("onError", message.onError)
        case .updateProfile(_, _, let way): note("onError", way)
        case .condition(let condition):
            for (place, path) in condition.paths.enumerated() { note(path.label ?? "path \(place + 1)", path.way) }
            note("otherwise", condition.otherwise)
            note("onError", condition.onError)
        default: break
        }
    }

    /// How many came to each node that ways lead to.
    func arrivals(_ sums: [TallySeries: Int64]) -> [String: Int64] {
        var arrivals = Dictionary(uniqueKeysWithValues: led.map { ($0, Int64(0)) })
        for (series, count) in sums where series.kind == StepEvent.Kind.node.rawValue {
            let place = Place(version: series.version, node: series.node, path: series.path)
            for target in targets[place] ?? [] { arrivals[target, default: 0] += count }
        }
        return arrivals
    }
}
