import Foundation
import Glibc
import HTTPClient
import Models
import Redis
import TestKit
import Testing

/// The whole suite as processes, the fault journeys in it, a third party beside it.
final class FaultRig: Sendable {
    static let partitions = 8

    let suite: SojournSuite
    let thirdParty: ThirdParty
    private let inlet: String

    /// What every journey-execution of a fault run is started with: a lease as short as it may be.
    static let engineEnvironment = ["SOJOURN_LEASE": "2s"]
    static let workerEnvironment = ["SOJOURN_CLAIM_LEASE": "2s"]

    /// - Parameters:
    ///   - fsync: matters only where Redis itself dies.
    ///   - environment: beside the short leases.
    static func start(
        fsync: RedisServer.AppendOnly = .no, redisThroughProxy: Bool = false, signsIn: Bool = true,
        redisFolder: String? = nil, environment: [SuiteService: [String: String]] = [:]
    ) async throws -> FaultRig {
        var variables: [SuiteService: [String: String]] = [
            .journeyExecution: engineEnvironment, .actionDispatch: workerEnvironment,
            .dataSourceFetching: workerEnvironment,
        ]
        for (service, own) in environment { variables[service, default: [:]].merge(own) { _, new in new } }
        let suite = try await SojournSuite.start(
            SuiteSettings(
                services: [
                    .eventIngestion, .dataSourceFetching, .journeyExecution, .actionDispatch, .journeyReporting,
                ], fsync: fsync, partitions: partitions, environment: variables,
                redisThroughProxy: redisThroughProxy, signsIn: signsIn, redisFolder: redisFolder))
        let thirdParty = try ThirdParty()
        var inlet = ""
        for call in FaultJourneys.calls(thirdParty: thirdParty.url) {
            guard let service = SuiteService(rawValue: call.service) else { continue }
            let result = try await suite.call(service, call.method, call.params)
            if call.method == "inlets.create" { inlet = result["id"]?.stringValue ?? "" }
        }
        return FaultRig(suite, thirdParty, inlet)
    }

    private init(_ suite: SojournSuite, _ thirdParty: ThirdParty, _ inlet: String) {
        self.suite = suite
        self.thirdParty = thirdParty
        self.inlet = inlet
    }

    var engine: SuiteProcess { suite.service(.journeyExecution) }

    func load(_ settings: EventLoad.Settings, name: String) throws -> EventLoad {
        let url = suite.url(of: .eventIngestion) + "/collection/\(inlet)"
        return try EventLoad(settings, name: name, url: url)
    }

    /// Sends one event once, and gives the status of its answer; nil: there was none.
    func status(event: String, person: String, type: String) async -> Int? {
        let body: JSONValue = [
            "_id": .string(event), "eventType": .string(type), "customer": ["id": .string(person)],
            "order": ["id": .string(event)],
        ]
        return try? await suite.collect(inlet, body).status
    }

    /// Sends one event by hand, until it is accepted.
    func send(event: String, person: String, type: String = "order") async throws {
        let body: JSONValue = [
            "_id": .string(event), "eventType": .string(type), "customer": ["id": .string(person)],
            "order": ["id": .string(event)],
        ]
        try await eventually(within: .seconds(20), "the event \(event) is accepted") {
            (try? await self.suite.collect(self.inlet, body))?.status == 200
        }
    }

    /// One run: load, the fault in its midst, more load, quiet, and the judgement.
    ///
    /// - Parameters:
    ///   - before: events that were accepted when the fault begins.
    ///   - after: events accepted once the fault has healed, before the load ends.
    ///   - refused: events that the fault sent itself and that enter nobody.
    ///   - quietWithin: how long it may take after the load until nothing waits.
    ///   - fault: brings the fault about and heals it.
    @discardableResult
    func run(
        _ name: String, seed: UInt64, load settings: EventLoad.Settings = .init(), before: Int = 60, after: Int = 250,
        allowingUnwell: Bool = false, refused: Int = 0, quietWithin: Duration = .seconds(60),
        _ fault: @Sendable (EventLoad) async throws -> Void
    ) async throws -> FaultReport {
        let load = try load(settings, name: "s\(seed)")
        let healedAt: Int64
        do {
            (healedAt, _) = try await drive(load, before: before, after: after, fault)
        } catch {
            // What it came to until then says more than the error alone.
            print("fault run \"\(name)\" seed \(seed) broken off: \(error)")
            load.stop()
            let now = Int64(Date().timeIntervalSince1970 * 1_000)
            try await judge(name, seed: seed, load, healedAt: now, allowingUnwell: true, refused: refused)
            throw error
        }
        return try await judge(
            name, seed: seed, load, healedAt: healedAt, allowingUnwell: allowingUnwell, refused: refused,
            quietWithin: quietWithin)
    }

    /// As ``run(_:seed:load:before:after:allowingUnwell:refused:quietWithin:_:)`` for a fault that may lose the last moments of
    /// Redis: what was there before them is judged.
    ///
    /// - Parameter fault: answers when Redis was killed, in milliseconds since 1970.
    func runLosing(
        _ name: String, seed: UInt64, boundMilliseconds: Int64, _ fault: @Sendable (EventLoad) async throws -> [Int64]
    ) async throws {
        let load = try load(.init(), name: "s\(seed)")
        let (healedAt, kills) = try await drive(load, before: 60, after: 250, fault)
        try await becomeQuiet()
        let history = try await history(of: load)
        let report = FaultReport(name: name, seed: seed, history: history, load: load.figures, healedAt: healedAt)
        let loss = LossChecker(kills: kills, boundMilliseconds: boundMilliseconds).check(history)
        print("\(report); \(loss)")
        #expect(loss.lostBefore == 0 && loss.stuckOutside == 0, "\(loss)")
        #expect(report.verdict.refusedYetProcessed == 0, "\(report)")
        #expect(report.verdict.keysWithTwoPayloads == 0 && report.verdict.timersEarly == 0, "\(report)")
        #expect(report.lateAfterHealingMilliseconds <= 10_000, "\(report)")
    }

    /// Load, the fault in its midst, and more load. Answers when the fault had healed, and what it answered.
    private func drive<Told: Sendable>(
        _ load: EventLoad, before: Int, after: Int, _ fault: @Sendable (EventLoad) async throws -> Told
    ) async throws -> (healedAt: Int64, told: Told) {
        try await withThrowingTaskGroup { group in
            group.addTask { await load.run() }
            defer { load.stop() }
            try await accepted(before, more: load)
            let told = try await fault(load)
            let healedAt = Int64(Date().timeIntervalSince1970 * 1_000)
            try await accepted(after, more: load)
            load.stop()
            try await group.waitForAll()
            return (healedAt, told)
        }
    }

    /// Waits until so many more events were accepted than were when it was called.
    func accepted(_ count: Int, more load: EventLoad, within limit: Duration = .seconds(60)) async throws {
        let goal = load.acceptedCount + count
        try await eventually(within: limit, "\(count) more events are accepted") {
            if load.acceptedCount >= goal { return true }
            // It would wait in vain.
            if load.isOver { throw TestKitError("The load is over: the fault took longer than people send events.") }
            return false
        }
    }

    /// Waits for quiet, reads the history, prints the counts and fails where one is not 0.
    @discardableResult
    func judge(
        _ name: String, seed: UInt64, _ load: EventLoad, healedAt: Int64, allowingUnwell: Bool = false,
        refused: Int = 0, quietWithin: Duration = .seconds(60)
    ) async throws -> FaultReport {
        try await becomeQuiet(within: quietWithin)
        let history = try await history(of: load)
        let report = FaultReport(name: name, seed: seed, history: history, load: load.figures, healedAt: healedAt)
        print(report)
        try await judgeKept(history)
        #expect(report.verdict == HistoryChecker.Verdict(), "\(report)")
        #expect(report.entriesRefused == refused, "\(report)")
        #expect(report.accepted > 0 && report.entered >= report.accepted, "\(report)")
        #expect(load.figures.invalid.isEmpty, "an event was called invalid: \(load.figures.invalid.first ?? "")")
        #expect(report.lateAfterHealingMilliseconds <= 10_000, "\(report)")
        if !allowingUnwell { #expect(report.leftUnwell == 0, "\(report)") }
        return report
    }

    /// Each accepted event is kept with its person once, in the order in which they were sent.
    private func judgeKept(_ history: History) async throws {
        for (person, sent) in Dictionary(grouping: history.sent, by: \.person) {
            let page = try await suite.call(
                .dataSourceFetching, "profiles.events",
                ["namespace": "crmId", "id": .string(person), "limit": .integer(Int64(sent.count + 100))])
            let kept = (page["items"]?.arrayValue ?? []).compactMap { $0["id"]?.stringValue }.reversed()
            let accepted = sent.filter { $0.answer == .accepted }.map(\.event)
            let mayBe = Set(sent.map(\.event))
            #expect(Set(kept).count == kept.count, "\(person) has an event twice")
            #expect(kept.filter(Set(accepted).contains) == accepted, "\(person) keeps others than were accepted")
            #expect(kept.allSatisfy(mayBe.contains), "\(person) keeps what nobody sent")
        }
    }

    private func history(of load: EventLoad) async throws -> History {
        var history = History()
        history.sent = load.sent
        history.received = thirdParty.calls
        history.steps = try await steps()
        return history
    }

    /// Every step event that journey-reporting has; it is asked again while it starts.
    func steps() async throws -> [History.Step] {
        var steps: [History.Step] = []
        try await eventually(within: .seconds(30), "journey-reporting answers") {
            do {
                steps = try await StepReader.read { try await self.suite.call(.journeyReporting, $0, $1) }
                return true
            } catch is SuiteRPCFailure { return false }
        }
        return steps
    }

    // MARK: What lies in Redis

    private static let queues: [(name: String, command: String)] = [
        ("inbox", "LLEN"), ("timers", "ZCARD"), ("steps", "LLEN"), ("fetches", "LLEN"), ("fetches:claimed", "HLEN"),
        ("fetches:retry", "ZCARD"), ("actions", "LLEN"), ("actions:claimed", "HLEN"), ("actions:retry", "ZCARD"),
    ]

    /// How much lies in each queue, over all partitions.
    func lengths() async throws -> [String: Int] {
        var commands: [RedisCommand] = []
        for partition in 0..<Self.partitions {
            for queue in Self.queues { commands.append(RedisCommand(queue.command, suite.key(queue.name, partition))) }
        }
        let replies = try await suite.redisClient.slow.send(commands)
        var lengths: [String: Int] = [:]
        for (place, reply) in replies.enumerated() {
            lengths[Self.queues[place % Self.queues.count].name, default: 0] += Int(try reply.requireInteger())
        }
        return lengths
    }

    func length(_ queue: String) async throws -> Int { try await lengths()[queue] ?? 0 }

    /// Starts journey-execution so that it dies at the Nth pass of a place, and waits until it did.
    ///
    /// - Parameter cause: what makes it come there, once it is ready.
    func dies(at place: String, _ cause: () async throws -> Void = {}) async throws {
        if engine.isRunning { _ = try await engine.terminate() }
        try engine.launch(environment: ["SOJOURN_FAULT": place])
        // What the one before left may bring it there before it is ready.
        do { try await engine.becomeReady() } catch where !engine.isRunning {}
        try await cause()
        let status = try await engine.exitStatus(within: .seconds(30))
        #expect(status == 128 + SIGKILL, "\(place) ended the process")
    }

    /// Waits until nobody waits for anything and every queue is empty.
    func becomeQuiet(within limit: Duration = .seconds(60)) async throws {
        let deadline = ContinuousClock.now + limit
        var lengths: [String: Int] = [:]
        while ContinuousClock.now < deadline {
            lengths = (try? await self.lengths()) ?? ["unknown": 1]
            if lengths.values.allSatisfy({ $0 == 0 }) { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        let left = lengths.filter { $0.value > 0 }.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        Issue.record("within \(limit) the queues did not become empty: \(left.joined(separator: ", "))")
    }

    /// Elements of a list of every partition.
    func elements(_ queue: String) async throws -> [JSONValue] {
        var found: [JSONValue] = []
        for partition in 0..<Self.partitions {
            let reply = try await redis("LRANGE", suite.key(queue, partition), "0", "-1")
            found += try reply.requireArray().compactMap(\.bytes).map { try JSONValue.parse($0) }
        }
        return found
    }

    /// The sum of what a command says of this key in every partition.
    func redisSum(_ command: String, _ name: String) async throws -> Int64 {
        var sum: Int64 = 0
        for partition in 0..<Self.partitions {
            sum += try await redis(command, suite.key(name, partition)).requireInteger()
        }
        return sum
    }

    /// Waits until the partitions are shared by so many owners, none of them without one.
    func untilOwners(_ count: Int) async throws {
        try await eventually(within: .seconds(30), "\(count) replicas share the partitions") {
            var owners: Set<String> = []
            for partition in 0..<Self.partitions {
                let owner = try await redis("GET", suite.key("lease:journey-execution", partition)).text ?? ""
                if owner.isEmpty { return false }
                owners.insert(owner)
            }
            return owners.count == count
        }
    }

    @discardableResult
    func redis(_ name: String, _ arguments: String...) async throws -> RedisReply {
        try await suite.redisClient.slow.send(RedisCommand(name, list: arguments))
    }
}
