import Definitions
import Logging
import Models
import Queues
import ServiceLifecycle

/// Evaluates the alerts while this replica leads, and tells their webhooks what changed. A webhook may be told twice,
/// by a leader that died after the call: the id is the same.
struct AlertWatch: Service {
    let definitions: DefinitionStore
    let states: AlertStore
    let store: any StepStore
    let inspector: QueueInspector
    let documents: JourneyDocuments
    let webhook: Webhook
    let leader: DrainLeader
    let every: Duration
    /// Milliseconds since 1970.
    let clock: @Sendable () -> Int64
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: every)
                do {
                    let known = try await states.load()
                    guard leader.leads else { continue }
                    let alerts = try await readAlerts()
                    try await forget(known.keys.filter { alerts[$0] == nil })
                    try await evaluate(alerts, known)
                    try await tell(alerts)
                } catch {
                    if Task.isCancelled { return }
                    logger.warning("Alerts could not be evaluated", metadata: ["error": "\(error)"])
                }
            }
        }
    }

    private func readAlerts() async throws -> [String: AlertDefinition] {
        var alerts: [String: AlertDefinition] = [:]
        for stored in try await definitions.all(.alerts).prefix(AlertLimits.alertsMax) {
            alerts[stored.name] = try? AlertDefinition(stored.document)
        }
        return alerts
    }

    private func forget(_ names: [String]) async throws {
        for name in names { try await states.forget(name) }
    }

    private func evaluate(_ alerts: [String: AlertDefinition], _ known: [String: AlertState]) async throws {
        let now = clock()
        let isEntryWatched = alerts.values.contains { $0.alertKind == .nobodyEntered }
        var live: Set<String> = []
        if isEntryWatched { live = Set(try await documents.live()) }
        let isBrokenWatched = alerts.values.contains { $0.alertKind == .brokenJourneys }
        let broken = isBrokenWatched ? try await states.broken() : []
        var measure = AlertMeasure(store: store, inspector: inspector, live: live, broken: broken, now: now)
        for (name, alert) in alerts {
            var state = known[name] ?? AlertState(at: now)
            let changed: Bool
            if alert.isEnabled {
                let (value, isOutOfBounds) = try await measure.measure(alert, knownSince: state.knownSince)
                changed = state.take(value, isOutOfBounds: isOutOfBounds, alert: name, at: now)
            } else {
                // What is switched off is not out of bounds; it is told if it was.
                changed = state.take(state.value, isOutOfBounds: false, alert: name, at: now)
            }
            try await states.save(state, of: name)
            guard changed else { continue }
            logger.notice(
                "An alert changed its state", metadata: ["alert": "\(name)", "state": "\(state.word.rawValue)"])
            try await states.note(state, of: name)
        }
    }

    /// Tells each webhook the oldest that waits for it, several webhooks at once.
    private func tell(_ alerts: [String: AlertDefinition]) async throws {
        let now = clock()
        var due: [(alert: AlertDefinition, notification: AlertState.Notification)] = []
        for (name, alert) in alerts {
            guard let first = states.state(of: name)?.waiting.first, first.nextAt <= now else { continue }
            due.append((alert, first))
        }
        let webhook = webhook
        let results = await withTaskGroup(of: (String, String, Webhook.Result).self) { group in
            var results: [(String, String, Webhook.Result)] = []
            for (place, item) in due.enumerated() {
                if place >= AlertLimits.sendingMax, let done = await group.next() { results.append(done) }
                group.addTask {
                    let note = item.notification
                    let type = note.word == .firing ? "firing" : "resolved"
                    let body = item.alert.message(type, at: note.at, value: note.value)
                    return (item.alert.name, note.id, await webhook.tell(item.alert, id: note.id, body))
                }
            }
            for await done in group { results.append(done) }
            return results
        }
        for (name, id, result) in results {
            guard var state = states.state(of: name) else { continue }
            state.note(id, delivered: result.delivered, status: result.status, at: clock())
            try await states.save(state, of: name)
            if !result.delivered {
                logger.warning(
                    "A webhook was not reached", metadata: ["alert": "\(name)", "status": "\(result.status)"])
            }
        }
    }
}
