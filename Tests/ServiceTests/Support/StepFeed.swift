import Models
import Redis
import TestKit

/// Plays the engine: appends step events to the lists of the partitions, commit by commit, as its commits do.
struct StepFeed {
    let suite: SojournSuite
    private var commits: [Int64]
    private var numbers: [Int64]
    private var people = 0
    /// Every record that was appended, with its partition and the number of its first step event.
    private(set) var appended: [(partition: Int, number: Int64, record: StepRecord)] = []

    init(_ suite: SojournSuite) {
        self.suite = suite
        commits = Array(repeating: 0, count: suite.settings.partitions)
        numbers = Array(repeating: 1, count: suite.settings.partitions)
    }

    /// Appends one commit to a partition.
    mutating func commit(_ records: [StepRecord], to partition: Int = 0) async throws {
        commits[partition] += 1
        let batch = StepBatch(
            fence: 1, commit: commits[partition], firstNumber: numbers[partition], records: records)
        for record in records {
            appended.append((partition, numbers[partition], record))
            numbers[partition] += Int64(record.events.count)
        }
        _ = try await suite.redisClient.node(forPartition: partition).send(
            RedisCommand("RPUSH", suite.key("steps", partition), batch.element))
    }

    /// One person's way through a journey: entered, a condition, an action that may fail, left.
    mutating func way(_ journey: String, failing: Bool = false, at: Int64, milliseconds: Int64 = 40) -> [StepRecord] {
        people += 1
        let person = Person(namespace: "crmId", id: "p\(people)")
        func record(_ events: [StepEvent]) -> StepRecord {
            StepRecord(
                person: person, journey: journey, version: 1, instance: "i\(people)", stimulus: "e\(people)",
                events: events)
        }
        func event(_ step: Int64, _ kind: StepEvent.Kind, _ change: (inout StepEvent) -> Void = { _ in }) -> StepEvent {
            var event = StepEvent(step: step, kind: kind, at: at)
            change(&event)
            return event
        }
        return [
            record([
                event(1, .entered),
                event(2, .node) { ($0.node, $0.type, $0.status, $0.path) = ("tier", "condition", "ok", "gold") },
            ]),
            record([
                event(3, .node) {
                    ($0.node, $0.type, $0.status) = ("thank", "action", failing ? "error" : "ok")
                    ($0.path, $0.code) = (failing ? nil : "next", failing ? "http_503" : nil)
                    $0.durationMilliseconds = milliseconds
                },
                event(4, .left) {
                    ($0.status, $0.code) = (failing ? "error" : "finished", failing ? "http_503" : nil)
                },
            ]),
        ]
    }
}
