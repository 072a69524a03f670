import Engine
import Expressions
import Logging
import Models
import ServiceLifecycle

/// Starts the runs whose time has come. Every replica looks; which of them is first makes no difference, as a run's id
/// is made of version and planned time.
struct RunSchedule: Service {
    /// A live journey that reads an audience by itself.
    struct Entry: Sendable {
        let journey: String
        let version: Int64
        let schedule: JourneyNode.ReadAudience.Schedule
        let zone: Zone
        let publishedAt: Int64

        /// The latest planned time up to now, later than the one before; nil: none is due. Times that were missed are
        /// made up for by one run.
        func due(after last: Int64?, by now: Int64) -> Int64? {
            switch schedule {
            case .now: return last == nil ? publishedAt : nil
            case .at(let text):
                guard last == nil, let time = Self.instant(text, in: zone), time <= now else { return nil }
                // A time that was past when the journey was published was never planned; one that came while no engine
                // was there is made up for.
                return time >= publishedAt ? time : nil
            case .cron(let text):
                guard let cron = try? CronExpression(text) else { return nil }
                var due: Int64?
                var place = last ?? publishedAt
                // A schedule of each minute that slept for a day has 1,440; more are not worth counting.
                for _ in 0..<Self.missedMax {
                    guard let next = cron.next(after: place, in: zone), next <= now else { return due }
                    due = next
                    place = next
                }
                return due
            }
        }

        private static let missedMax = 2_000

        private static func instant(_ text: String, in zone: Zone) -> Int64? {
            if let time = ISO8601.parseDateTime(text) { return time.instant }
            return ISO8601.parseLocalDateTime(text).map { zone.instant(of: $0) }
        }
    }

    let plans: PlanKeeper
    let starter: RunStarter
    let every: Duration
    /// Milliseconds since 1970.
    let clock: @Sendable () -> Int64
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            // What this process knows of the last planned times, so that Redis is asked only where something is due.
            var known: [String: Int64] = [:]
            while !Task.isCancelled {
                do { try await Task.sleep(for: self.every) } catch { return }
                for entry in self.plans.current.schedules { await self.start(entry, &known) }
            }
        }
    }

    private func start(_ entry: Entry, _ known: inout [String: Int64]) async {
        let id = "\(entry.journey):\(entry.version):\(entry.publishedAt)"
        let now = clock()
        guard entry.due(after: known[id], by: now) != nil else { return }
        do {
            let last = try await starter.lastPlanned(entry.journey, entry.version)
            // A journey that was deleted and made anew counts its versions from 1 again.
            let own = last.flatMap { $0 >= entry.publishedAt ? $0 : nil }
            guard let due = entry.due(after: own, by: now) else {
                known[id] = own
                return
            }
            try await starter.start(
                AudienceRun(
                    id: "\(entry.journey):\(entry.version):\(due)", journey: entry.journey, version: entry.version))
            try await starter.notePlanned(entry.journey, entry.version, at: max(due, entry.publishedAt))
            known[id] = due
            logger.notice("a run has begun", metadata: ["journey": "\(entry.journey)", "run": "\(due)"])
        } catch {
            logger.warning("a run could not be started", metadata: ["error": "\(error)"])
        }
    }
}
