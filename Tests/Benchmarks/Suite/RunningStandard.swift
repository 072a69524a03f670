import Foundation
import Models
import TestKit

/// The suite with the standard journey published, people loaded, and the receiver listening.
final class RunningStandard: Sendable {
    let suite: Suite
    let receiver: Receiver
    let inletPath: String
    let port: Int
    /// Tells the events of this run from those of others.
    let run = "bench\(getpid())"
    /// Bytes of Redis that a loaded profile takes.
    let profileBytes: Double

    /// - Parameters:
    ///   - people: profiles to load.
    ///   - journey: the one journey, called `thanks`.
    ///   - prepare: what the journey needs beside event and action; given where the receiver is.
    static func start(
        _ options: BenchOptions, people: Int, isBatch: Bool = false, journey: JSONObject = StandardJourney.journey(),
        prepare: (Suite, _ receiver: String) async throws -> Void = { _, _ in }
    ) async throws -> RunningStandard {
        let receiver = try Receiver(ordersMax: people)
        let suite = try await Suite.start(options, receiverPort: receiver.port)
        do {
            try await prepare(suite, "http://127.0.0.1:\(receiver.port)")
            return try await RunningStandard(suite, receiver, journey, people: people, isBatch: isBatch)
        } catch {
            say(suite.logs)
            await suite.stop()
            throw error
        }
    }

    private init(
        _ suite: Suite, _ receiver: Receiver, _ journey: JSONObject, people: Int, isBatch: Bool
    ) async throws {
        self.suite = suite
        self.receiver = receiver
        _ = try await suite.call("event-ingestion", "schemas.create", StandardJourney.schema)
        _ = try await suite.call("event-ingestion", "events.create", StandardJourney.eventDefinition)
        let inlet = try await suite.call("event-ingestion", "inlets.create", StandardJourney.inlet)
        guard let id = inlet["id"]?.stringValue else { throw Suite.Problem(description: "The inlet has no id.") }
        inletPath = isBatch ? "/collection/batch/\(id)" : "/collection/\(id)"
        port = suite.port("event-ingestion")
        let action = StandardJourney.action(url: "http://127.0.0.1:\(receiver.port)/messages")
        _ = try await suite.call("action-dispatch", "actions.create", .object(action))
        let memory = try await suite.store.usedMemory()
        try await Self.loadProfiles(people, suite)
        profileBytes = Double(try await suite.store.usedMemory() - memory) / Double(max(1, people))
        try await publish(journey, name: "thanks")
    }

    /// Creates a journey and makes it live.
    func publish(_ journey: JSONObject, name: String) async throws {
        _ = try await suite.call("journey-execution", "journeys.create", .object(journey))
        _ = try await suite.call("journey-execution", "journeys.publish", ["name": .string(name)])
    }

    /// Does the work, and ends everything after it; where it fails, the last lines of the logs are said.
    func finishing<Value: Sendable>(_ work: () async throws -> Value) async throws -> Value {
        do {
            let value = try await work()
            await stop()
            return value
        } catch {
            say(suite.logs)
            say(await engineCounts())
            await stop()
            throw error
        }
    }

    /// What the engine counted so far, for when a run fails: how people left, and why some did not enter.
    private func engineCounts() async -> String {
        let metrics = (try? await suite.metrics("journey-execution")) ?? [:]
        return metrics.filter { $0.key.hasPrefix("sojourn_engine") && $0.value > 0 }.sorted { $0.key < $1.key }
            .map { "\($0.key) \(Int($0.value))" }.joined(separator: "\n")
    }

    private func stop() async {
        await suite.stop()
        receiver.close()
    }

    private static func loadProfiles(_ count: Int, _ suite: Suite) async throws {
        let piece = 500
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (place, first) in stride(from: 0, to: count, by: piece).enumerated() {
                if place >= 8 { try await group.next() }
                group.addTask {
                    let params = (first..<min(first + piece, count)).map { person -> JSONValue in
                        [
                            "namespace": .string(StandardJourney.namespace),
                            "id": .string(StandardJourney.identity(person)),
                            "attributes": .object(StandardJourney.attributes(person: person)), "merge": "replace",
                        ]
                    }
                    try await suite.callAll("data-source-fetching", "profiles.upsert", params)
                }
            }
            try await group.waitForAll()
        }
    }

    func generator(connections: Int, batchSize: Int = 1) -> Generator {
        let run = run
        return Generator(
            source: Generator.Source(path: inletPath, batchSize: batchSize) { person in
                StandardJourney.eventBody(person: person, run: run)
            }, port: port, connections: connections)
    }

    /// Waits until everybody of these arrived at the receiver and left the journey, and their steps are stored.
    func waitForAll(_ count: Int) async throws {
        try await eventually(within: .seconds(60), "\(count) actions arrive (\(receiver.count) did)") {
            self.receiver.count >= count
        }
        try await eventually(within: .seconds(60), "\(count) people have left") {
            try await Task.sleep(for: .milliseconds(20))
            return try await self.counts().left >= count
        }
        try await eventually(within: .seconds(60), "the step events are stored") {
            try await Task.sleep(for: .milliseconds(20))
            return try await self.stepsWaiting() == 0
        }
    }

    /// People who entered and who left as finished, by the engine's metrics.
    func counts() async throws -> (entered: Int, left: Int) {
        let metrics = try await suite.metrics("journey-execution")
        func count(_ what: String) -> Int { Int(metrics["sojourn_engine_total{what=\"\(what)\"}"] ?? 0) }
        return (count("entered"), count("left.finished"))
    }

    /// Elements of step events not stored yet.
    func stepsWaiting() async throws -> Int64 {
        let queues = try await suite.call("journey-reporting", "queues.list", [:])
        let steps = queues["items"]?.arrayValue?.first { $0["name"] == "steps" }
        return steps?["length"]?.integerValue ?? -1
    }

    /// Stored step events of a kind, page by page.
    func storedSteps(kind: String) async throws -> Int {
        var count = 0
        var cursor: JSONValue?
        repeat {
            var params: JSONObject = ["filter": ["kind": .string(kind)], "limit": 1_000]
            if let cursor { params["cursor"] = cursor }
            let page = try await suite.call("journey-reporting", "stepEvents.query", .object(params))
            count += page["items"]?.arrayValue?.count ?? 0
            cursor = page["cursor"]
        } while cursor != nil && cursor != .null
        return count
    }
}
