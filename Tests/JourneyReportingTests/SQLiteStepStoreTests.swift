import Foundation
import Models
import Testing

@testable import JourneyReporting

@Suite("The step store")
struct SQLiteStepStoreTests {
    private func withStore(
        _ body: (_ open: (String) throws -> SQLiteStepStore) async throws -> Void
    ) async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "steps-\(UUID().uuidString).sqlite").path
        defer { for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) } }
        try await body { deployment in try SQLiteStepStore(path: path, deployment: deployment) }
    }

    private func steps(fence: Int64, commit: Int64, partition: Int = 0) -> PartitionSteps {
        let record = StepRecord(
            person: Person(namespace: "email", id: "a"), journey: "j", version: 1, instance: "i", stimulus: "s",
            events: [StepEvent(step: commit, kind: .entered, at: 1)])
        return PartitionSteps(
            partition: partition,
            batch: StepBatch(fence: fence, commit: commit, firstNumber: commit, records: [record]))
    }

    private func stored(_ store: SQLiteStepStore) async throws -> [Int64] {
        try await store.query(StepFilter(), after: nil, limit: 100).items.map(\.event.step)
    }

    @Test("What was stored before is passed over, in the same transaction or a later one")
    func once() async throws {
        try await withStore { open in
            let store = try open("d")
            try await store.store([steps(fence: 1, commit: 1), steps(fence: 1, commit: 2), steps(fence: 1, commit: 2)])
            try await store.store([steps(fence: 1, commit: 1), steps(fence: 1, commit: 2), steps(fence: 1, commit: 3)])
            #expect(try await stored(store) == [1, 2, 3])
            await store.close()
        }
    }

    @Test("A higher fence counts as later, whatever the number of its commits; so does a partition on its own")
    func fences() async throws {
        try await withStore { open in
            let store = try open("d")
            try await store.store([steps(fence: 1, commit: 7)])
            try await store.store([steps(fence: 2, commit: 5), steps(fence: 1, commit: 8)])
            try await store.store([steps(fence: 1, commit: 4, partition: 1)])
            #expect(try await stored(store) == [7, 5, 4])
            await store.close()
        }
    }

    @Test("After a restart repeats are known; another deployment begins anew in the same file")
    func deployments() async throws {
        try await withStore { open in
            for deployment in ["d", "d", "other"] {
                let store = try open(deployment)
                try await store.store([steps(fence: 3, commit: 9)])
                await store.close()
            }
            let store = try open("other")
            #expect(try await stored(store) == [9, 9])
            await store.close()
        }
    }
}
