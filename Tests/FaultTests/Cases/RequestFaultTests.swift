import Foundation
import Glibc
import Models
import Redis
import Synchronization
import TestKit
import Testing

/// What becomes of requests to third parties when one of those is away for long, and when their workers die.
extension FaultTests {
    @Test(
        "An endpoint that is dead for long holds its share of what waits: no event is refused, others are not late",
        arguments: FaultRounds.seeds)
    func deadEndpoint(seed: UInt64) async throws {
        let rate = 200
        let time: Duration = FaultRounds.isLong ? .seconds(120) : .seconds(6)
        // Far less than comes for the dead endpoint in that time.
        let bound = FaultRounds.isLong ? 2_000_000 : 160_000
        let setting = ["SOJOURN_WAITING_MAX": "\(bound)"]
        let rig = try await FaultRig.start(environment: [.actionDispatch: setting, .eventIngestion: setting])
        let dead = try ThirdParty()
        dead.mood = .refusing(503)
        try await makeDeadJourney(rig, dead.url)
        var settings = EventLoad.Settings()
        settings.people = 20
        settings.pause = .seconds(1)
        settings.eventsMax = 1_000
        let answers = Mutex<[Int: Int]>([:])
        let report = try await rig.run(
            "an endpoint dead for \(time)", seed: seed, load: settings, before: 20, after: 40,
            quietWithin: .seconds(180)
        ) { load in
            let told = await SteadyLoad.run(rate: rate, for: time) { number in
                await rig.status(event: "dead-\(seed)-\(number)", person: "dead-\(number)", type: "dead")
            }
            answers.withLock { $0 = told }
            let sent = Int(time.components.seconds) * rate
            try await eventually(within: .seconds(60), "each waits or has ended") {
                let ended = try await rig.redisSum("LLEN", "actions:dead")
                return try await Int(ended) + rig.length("actions:retry") >= sent
            }
            // The others do not wait for the endpoint to come back.
            let accepted = load.acceptedCount
            try await eventually(within: .seconds(30), "what came for others is performed") {
                rig.thirdParty.performedCount >= accepted
            }
            for partition in 0..<FaultRig.partitions {
                let reply = try await rig.redis("HGET", rig.suite.key("actions:waiting", partition), "deadShop")
                let bytes = Int(reply.text ?? "0") ?? 0
                #expect(bytes <= bound / 4, "\(bytes) bytes wait in partition \(partition)")
            }
            dead.mood = .well
        }
        let told = answers.withLock { $0 }
        let refused = told.filter { $0.key != 200 }
        let letters = try await rig.elements("actions:dead")
        let waited = dead.performedCount
        print("fault run: answers \(told), \(letters.count) requests ended at once, \(waited) waited for the endpoint")
        #expect(refused.isEmpty && report.full == 0, "events were refused: \(told)")
        #expect(!letters.isEmpty && waited > 0)
        let reasons = Set(letters.map { $0["reason"]?.stringValue ?? "" })
        #expect(reasons.isSubset(of: ["backlogFull", "retriesExhausted", "timedout"]) && reasons.contains("backlogFull"))
        if FaultRounds.isLong { #expect(report.latestMilliseconds < 1_000, "\(report)") }
    }

    /// A journey of its own for an action whose third party is dead; whoever gets no answer goes another way.
    private func makeDeadJourney(_ rig: FaultRig, _ url: String) async throws {
        try await rig.suite.call(.eventIngestion, "events.create", WalkJourneys.event("dead"))
        try await rig.suite.call(
            .actionDispatch, "actions.create",
            [
                "name": "deadShop", "method": "POST", "url": .string(url + "/orders"),
                "authentication": ["type": "none"],
                "parameters": [["name": "order", "type": "string", "required": true]],
                "body": ["order": ["param": "order"]], "retries": 2, "timeout": "PT2M",
            ])
        try await rig.publish([
            "name": "deadOrders", "properties": ["timezone": "UTC", "timeout": "PT30S"],
            "nodes": [
                ["id": "entry", "type": "event", "event": "dead", "next": "call"],
                [
                    "id": "call", "type": "action", "action": "deadShop",
                    "parameters": ["order": "@event{dead.order.id}"], "next": "done", "onError": ["next": "sorry"],
                ], ["id": "done", "type": "end"], ["id": "sorry", "type": "end"],
            ],
        ])
    }

    @Test(
        "A request that kills its worker ends as a dead letter with the reason, and every other is performed",
        arguments: FaultRounds.seeds)
    func killerRequest(seed: UInt64) async throws {
        let rig = try await FaultRig.start()
        let dispatcher = rig.suite.service(.actionDispatch)
        let poison = "poison-\(seed)"
        let ends = Atomic<Int>(0)
        let report = try await rig.run(
            "a request that kills its worker", seed: seed, load: .long, allowingUnwell: true
        ) { load in
            try await dispatcher.restart(environment: ["SOJOURN_FAULT": "kill:\(poison)"])
            try await rig.accepted(20, more: load)
            try await rig.send(event: poison, person: "poisoned")
            // As a supervisor does: start it again whenever it ends.
            try await eventually(within: .seconds(60), "the request is a dead letter") {
                if !dispatcher.isRunning {
                    ends.add(1, ordering: .relaxed)
                    try dispatcher.launch()
                }
                return try await rig.redisSum("LLEN", "actions:dead") > 0
            }
            try await dispatcher.becomeReady()
        }
        // In company until two died with it, then five times alone.
        #expect(ends.load(ordering: .relaxed) == 7)
        let letters = try await rig.elements("actions:dead")
        #expect(letters.count == 1 && letters.first?["request"]?["parameters"]?["order"] == .string(poison))
        #expect(letters.first?["reason"] == "deliveries" && letters.first?["request"]?["deliveries"] == 5)
        #expect(report.leftUnwell == 1, "\(report)")
    }

    @Test("Killed, the engine and the dispatcher are back before a lease runs out", arguments: FaultRounds.seeds)
    func gaps(seed: UInt64) async throws {
        // The leases that they have by default.
        let worker = ["SOJOURN_CLAIM_LEASE": "20s"]
        let rig = try await FaultRig.start(environment: [
            .journeyExecution: ["SOJOURN_LEASE": "10s"], .actionDispatch: worker, .dataSourceFetching: worker,
        ])
        let kills = FaultRounds.isLong ? 20 : 2
        var settings = EventLoad.Settings()
        settings.pause = .milliseconds(500)
        settings.eventsMax = 1_000
        let killed = Mutex<[(service: SuiteService, at: Int64)]>([])
        let report = try await rig.run("kill -9 and at once again", seed: seed, load: settings) { load in
            for service in [SuiteService.journeyExecution, .actionDispatch] {
                for _ in 0..<kills {
                    try await rig.accepted(50, more: load)
                    killed.withLock { $0.append((service, Self.now)) }
                    try await rig.suite.service(service).restart()
                    let accepted = load.acceptedCount
                    try await eventually(within: .seconds(30), "calls go on") {
                        rig.thirdParty.performedCount >= accepted
                    }
                }
            }
        }
        let times = rig.thirdParty.calls.compactMap(\.at).sorted()
        let moments = killed.withLock { $0 }
        var longest: Int64 = 0
        for service in [SuiteService.journeyExecution, .actionDispatch] {
            var gaps: [Int64] = []
            for (place, kill) in moments.enumerated() where kill.service == service {
                let next = place + 1 < moments.count ? moments[place + 1].at : .max
                let gap = zip(times, times.dropFirst()).filter { $1 > kill.at && $0 < min(next, kill.at + 20_000) }
                    .map { $1 - $0 }.max() ?? .max
                gaps.append(gap)
            }
            longest = max(longest, gaps.max() ?? .max)
            print("fault run: gaps after kill -9 of \(service.rawValue), in ms: \(gaps.sorted())")
        }
        // No lease ran out: of 10 s of the engine, of 20 s of a claim.
        let most: Int64 = FaultRounds.isLong ? 3_000 : 9_000
        #expect(longest <= most, "no call for \(longest) ms; \(report)")
    }

    private static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1_000) }
}
