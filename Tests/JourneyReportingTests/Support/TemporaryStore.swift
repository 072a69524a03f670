import Foundation
import Models

@testable import JourneyReporting

/// A file for one step store, gone afterwards.
struct TemporaryStore {
    let path = FileManager.default.temporaryDirectory.appending(path: "steps-\(UUID().uuidString).sqlite").path

    static func with(_ body: (TemporaryStore) async throws -> Void) async throws {
        let place = TemporaryStore()
        defer { for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: place.path + end) } }
        try await body(place)
    }

    func open(_ deployment: String = "d") throws -> SQLiteStepStore {
        try SQLiteStepStore(path: path, deployment: deployment)
    }

    /// As `open`, with a clock by which the step events of runs are kept.
    func open(clock: @escaping @Sendable () -> Int64) throws -> SQLiteStepStore {
        try SQLiteStepStore(path: path, deployment: "d", clock: clock)
    }
}

/// Makes batches of one partition, each the next commit.
struct Batches {
    let partition: Int
    private(set) var commit: Int64 = 0
    private var number: Int64 = 1

    init(partition: Int = 0) { self.partition = partition }

    mutating func next(_ records: [StepRecord], _ refusals: RefusalCounts = RefusalCounts()) -> PartitionSteps {
        commit += 1
        defer { number += Int64(records.reduce(0) { $0 + $1.events.count }) }
        return PartitionSteps(
            partition: partition,
            batch: StepBatch(fence: 1, commit: commit, firstNumber: number, records: records, refusals: refusals))
    }
}

extension StepEvent {
    static func made(
        _ step: Int64, _ kind: Kind, at: Int64, node: String? = nil, type: String? = nil, status: String? = nil,
        path: String? = nil, code: String? = nil, milliseconds: Int64? = nil
    ) -> StepEvent {
        var event = StepEvent(step: step, kind: kind, at: at)
        event.node = node
        event.type = type
        event.status = status
        event.path = path
        event.code = code
        event.durationMilliseconds = milliseconds
        return event
    }
}

extension StepRecord {
    static func made(
        _ person: String, journey: String = "j", version: Int64 = 1, instance: String? = "i", stimulus: String = "s",
        _ events: [StepEvent]
    ) -> StepRecord {
        StepRecord(
            person: Person(namespace: "email", id: person), journey: journey, version: version, instance: instance,
            stimulus: stimulus, events: events)
    }
}
