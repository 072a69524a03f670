import Models
import Queues

/// Measures what alerts watch; what several of them ask for is read once a round.
struct AlertMeasure {
    /// Queues that wait for a worker, and so grow old when one is missing.
    static let worked = ["inbox", "fetches", "actions", "steps"]

    let store: any StepStore
    let inspector: QueueInspector
    /// Names of journeys with a live version.
    let live: Set<String>
    /// Versions that do not compile, as `journey@version`.
    let broken: [String]
    let now: Int64
    private var queues: [JSONValue]?
    private var figures: [String: JourneySums] = [:]
    private var dropped: [String: Int64] = [:]

    init(
        store: any StepStore, inspector: QueueInspector, live: Set<String>, broken: [String] = [], now: Int64
    ) {
        self.store = store
        self.inspector = inspector
        self.live = live
        self.broken = broken
        self.now = now
    }

    /// What is measured, and whether that is out of bounds.
    mutating func measure(
        _ alert: AlertDefinition, knownSince: Int64
    ) async throws -> (value: Double, isOutOfBounds: Bool) {
        switch alert.alertKind {
        case .errorRate:
            let sums = try await sums(alert).sums
            let rate = sums.left == 0 ? 0 : Double(sums.failed) / Double(sums.left)
            return (rate, sums.left > 0 && rate >= alert.threshold)
        case .discards:
            let (sums, dropped) = try await sums(alert)
            let count = Double(sums.refused + dropped)
            return (count, count > 0 && count >= alert.threshold)
        case .nobodyEntered:
            let entered = Double(try await sums(alert).sums.entered)
            let isExpected = alert.journey.map { live.contains($0) } ?? !live.isEmpty
            let isKnown = now - knownSince >= alert.windowMilliseconds
            return (entered, isExpected && isKnown && entered <= alert.threshold)
        case .queueAge:
            let names = alert.queue.map { [$0] } ?? Self.worked
            let ages = try await chosen { names.contains($0) }.compactMap { $0["oldestAgeMs"]?.integerValue }
            let seconds = Double(ages.max() ?? 0) / 1_000
            return (seconds, seconds > 0 && seconds >= alert.threshold)
        case .deadLetters:
            let queues = try await chosen { name in alert.queue.map { $0 == name } ?? name.hasSuffix(":dead") }
            let count = Double(queues.reduce(0) { $0 + ($1["length"]?.integerValue ?? 0) })
            return (count, count > 0 && count >= alert.threshold)
        case .brokenJourneys:
            let journeys = broken.compactMap { $0.split(separator: "@").first.map(String.init) }
            let count = Double(journeys.count { alert.journey == nil || alert.journey == $0 })
            return (count, count > 0 && count >= alert.threshold)
        }
    }

    private mutating func sums(_ alert: AlertDefinition) async throws -> (sums: JourneySums, dropped: Int64) {
        let key = "\(alert.windowMilliseconds) \(alert.journey ?? "")"
        if let known = figures[key] { return (known, dropped[key] ?? 0) }
        var sums = JourneySums()
        var lost: Int64 = 0
        let counted = try await store.sums(journey: alert.journey, from: now - alert.windowMilliseconds, to: now)
        for (series, count) in counted {
            sums.add(kind: series.kind, outcome: series.outcome, count)
            if Self.isDropped(series) { lost += count }
        }
        figures[key] = sums
        dropped[key] = lost
        return (sums, lost)
    }

    /// What was accepted and given up for want of room: kept events, and requests that might not wait.
    static func isDropped(_ series: TallySeries) -> Bool {
        switch StepEvent.Kind(rawValue: series.kind) {
        case .noted: series.code == "bufferFull"
        case .node: series.code == RequestWorker.backlogFull && series.type == "action"
        case .fetch: series.code == RequestWorker.backlogFull
        default: false
        }
    }

    private mutating func chosen(_ isChosen: (String) -> Bool) async throws -> [JSONValue] {
        if queues == nil { queues = try await inspector.list()["items"]?.arrayValue ?? [] }
        return (queues ?? []).filter { isChosen($0["name"]?.stringValue ?? "") }
    }
}
