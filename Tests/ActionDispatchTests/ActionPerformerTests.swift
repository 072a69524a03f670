import Definitions
import Foundation
import HTTPClient
import Logging
import Models
import Outbound
import Redis
import TestKit
import Testing

@testable import ActionDispatch
@testable import Queues

@Suite("Performing one action", .timeLimit(.minutes(1)))
struct ActionPerformerTests {
    /// A performer over a redis-server of its own, and a third party that answers as told.
    struct Rig {
        let store: DefinitionStore
        let performer: ActionPerformer
        let stopped: StoppedVersions
        let peer: HTTPPeer
    }

    static let author = Author(name: "ada")

    private func withRig(
        places: Int = 8, answer: @escaping HTTPPeer.Responder, _ body: (Rig) async throws -> Void
    ) async throws {
        let server = try await RedisServer.start()
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let redis = try RedisClient(RedisConfiguration(server.address), logger: logger)
        try redis.start()
        let peer = try HTTPPeer.start(answer)
        let store = DefinitionStore(
            redis: redis, keys: QueueKeys(), service: "tests", now: { 1 }, token: { UUID().uuidString })
        let stopped = StoppedVersions()
        let now: @Sendable () -> Int64 = { Int64(Date().timeIntervalSince1970 * 1_000) }
        let client = try OutboundClient(policy: try AddressPolicy(allow: ["127.0.0.1"]), logger: logger)
        let performer = ActionPerformer(
            client: client, book: ActionBook(store: store), stopped: stopped, endpoints: Endpoints(placesMax: places),
            tokens: TokenKeeper(http: client, sealing: SecretSealing(seal: { $0 }, open: { $0 }), now: now), clock: now,
            random: { 0 }, logger: logger)
        do {
            try await body(Rig(store: store, performer: performer, stopped: stopped, peer: peer))
        } catch {
            await client.close(grace: .zero)
            await redis.close(grace: .seconds(1))
            throw error
        }
        await client.close(grace: .zero)
        await redis.close(grace: .seconds(1))
        peer.stop()
    }

    private func define(_ rig: Rig, _ members: JSONObject = [:]) async throws {
        var document: JSONObject = [
            "name": "sms", "url": .string(rig.peer.url + "/sms"), "body": ["text": ["param": "text"]],
            "parameters": [["name": "text", "type": "string", "required": true]],
        ]
        document.merge(members)
        _ = try await rig.store.create(.actions, document, by: Self.author)
    }

    private func claim(
        parameters: JSONObject = ["text": "hello"], timeout: Int64 = 5_000, action: String = "sms",
        fields: [String] = ["id"], progress: RequestProgress = RequestProgress(claimedAt: 1)
    ) -> Claim {
        let request = ActionRequest(
            id: "4f:thank:1",
            origin: RequestOrigin(
                person: Person(namespace: "crmId", id: "7"), journey: "welcome", version: 1, instance: "4f",
                node: "thank", visit: 1),
            action: action, actionRevision: 1, parameters: parameters, timeoutMilliseconds: timeout, fields: fields)
        return claim(request.element, progress)
    }

    private func claim(_ element: [UInt8], _ progress: RequestProgress = RequestProgress(claimedAt: 1)) -> Claim {
        Claim(
            partition: 0, id: "4f:thank:1", token: "t", element: element, leaseUntil: 0, deliveries: 1, attempts: 1,
            attemptsBefore: 0, progress: progress)
    }

    /// A verdict in one line: what became of it, and what the journey is told.
    private func text(_ verdict: RequestVerdict) throws -> String {
        func told(_ bytes: [UInt8]) throws -> String {
            let outcome = try JSONValue.parse(bytes)
            let calls = (outcome["calls"]?.arrayValue ?? []).compactMap { $0["status"]?.stringValue }
            let note = outcome["note"]?.stringValue.map { " " + $0 } ?? ""
            return "\(outcome["succeeded"]?.text ?? "") \(outcome["status"]?.stringValue ?? "") \(calls)\(note)"
        }
        return switch verdict {
        case .completed(let outcome): "completed " + (try told(outcome))
        case .deadLetter(let reason, let lastError, let outcome):
            "dead \(reason) \(lastError) " + (try told(outcome))
        case .again(_, let progress): "again \(progress.calls.map(\.status))"
        case .postponed(_, let unharmed, _): "postponed \(unharmed)"
        }
    }

    @Test(
        "An answer is an outcome: success and refusal for good stand, trouble is tried again",
        arguments: [
            (200, #"completed true http_200 ["http_200"]"#), (404, #"completed false http_404 ["http_404"]"#),
            (503, #"again ["http_503"]"#), (429, #"again ["http_429"]"#),
        ])
    func answers(status: Int, expected: String) async throws {
        try await withRig(answer: { _ in .answer(status, body: #"{"id":"m-1"}"#) }) { rig in
            try await define(rig)
            #expect(try text(await rig.performer.perform(claim())) == expected)
            #expect(rig.peer.received.first?["Idempotency-Key"] == "4f:thank:1")
            #expect(rig.peer.received.first?.text == #"{"text":"hello"}"#)
        }
    }

    @Test("A call that failed keeps what was answered, a KiB of it, without the credentials and values that were sent")
    func answered() async throws {
        let long = #"{"error":"boom","key":"s3cret-key","sent":"say hello","rest":""# + String(repeating: "x", count: 4_000) + #""}"#
        try await withRig(answer: { _ in .answer(422, body: long) }) { rig in
            try await define(
                rig,
                ["authentication": ["type": "apiKey", "name": "x-key", "value": "s3cret-key", "in": "header"]])
            guard case .completed(let outcome) = await rig.performer.perform(claim()) else {
                return #expect(Bool(false), "a refusal is an outcome")
            }
            let call = try JSONValue.parse(outcome)["calls"]?[0]
            let body = call?["answer"]?["body"]?.stringValue ?? ""
            #expect(call?["answer"]?["status"] == 422)
            #expect(body.hasPrefix(#"{"error":"boom","key":"•••"#) && body.hasSuffix("x…"))
            #expect(body.utf8.count == 1_024 && !body.contains("s3cret") && !body.contains("hello"))
            #expect(try JSONValue.parse(outcome)["journey"] == "welcome")
        }
        try await withRig(answer: { _ in .answer(200, body: "{}") }) { rig in
            try await define(rig)
            guard case .completed(let outcome) = await rig.performer.perform(claim()) else {
                return #expect(Bool(false), "a success is an outcome")
            }
            #expect(try JSONValue.parse(outcome)["calls"]?[0]?["answer"] == nil)
        }
    }

    /// An answer, the fields that are read, what becomes of them, and what is said.
    static let kept: [(PeerAnswer, [String], String, JSONValue, String?)] = [
        (.answer(200, body: #"{"id":"m-1","x":2}"#), ["id"], "true http_200", ["id": "m-1"], nil),
        (.answer(204), ["id"], "true http_204", .null, nil),
        (.answer(200), ["id"], "true http_200", .null, nil),
        (.answer(202, body: " \r\n"), ["id"], "true http_202", .null, nil),
        (.answer(200, body: "null"), ["id"], "true http_200", .null, nil),
        (.answer(200, body: "OK"), ["id"], "true http_200", .null, "invalidResponse"),
        (.answer(299, body: "<html></html>"), ["id"], "true http_299", .null, "invalidResponse"),
        (.answer(200, body: "OK"), [], "true http_200", .null, nil),
        (.answer(200, body: #"[{"id":"m-1"}]"#), ["id"], "true http_200", .null, "invalidResponse"),
        (.answer(200, body: #"{"id":"m-1""#), ["id"], "true http_200", .null, "invalidResponse"),
        (.answer(200, body: "\u{FEFF}" + #"{"id":"m-1"}"#), ["id"], "true http_200", ["id": "m-1"], nil),
        (.answer(200, body: #"{"id":"m-0","id":"m-1"}"#), ["id"], "true http_200", ["id": "m-1"], "repeatedKey"),
        (.large(bytes: 2 << 20), ["id"], "true http_200", .null, "responseTooLarge"),
        (.large(bytes: 2 << 20), [], "true http_200", .null, "responseTooLarge"),
        (
            .answer(200, body: #"{"id":""# + String(repeating: "x", count: 70_000) + #""}"#), ["id"],
            "true http_200", .null, "responseTooLarge"
        ),
        (.answer(200, headers: [("Content-Encoding", "secret")], body: "x"), ["id"], "true http_200", .null, "invalidResponse"),
        (.answer(400, body: "no"), ["errorResponse.reason"], "false http_400", .null, "invalidResponse"),
        (.answer(400, body: "no"), ["id"], "false http_400", .null, nil),
        (
            .answer(400, body: #"{"reason":"full"}"#), ["id", "errorResponse.reason"], "false http_400",
            ["errorResponse": ["reason": "full"]], nil
        ),
        (.answer(304), ["id"], "false http_304", .null, nil),
    ]

    @Test("A 2xx is a success whatever its body, and what could not be kept of it is said", arguments: kept)
    func keeps(answer: PeerAnswer, fields: [String], status: String, response: JSONValue, note: String?) async throws {
        try await withRig(answer: { _ in answer }) { rig in
            try await define(rig)
            guard case .completed(let outcome) = await rig.performer.perform(claim(fields: fields)) else {
                return #expect(Bool(false), "the request is not completed")
            }
            let told = try JSONValue.parse(outcome)
            #expect("\(told["succeeded"]?.text ?? "") \(told["status"]?.stringValue ?? "")" == status)
            #expect((told["response"] ?? .null) == response)
            #expect(told["note"]?.stringValue == note)
            #expect(rig.peer.requestCount == 1)
        }
    }

    @Test("A failure whose body breaks off or drips is no answer, and is tried again")
    func brokenFailure() async throws {
        let head = "HTTP/1.1 503 Status\r\nContent-Length: 1000\r\n\r\n"
        try await withRig(answer: { _ in .raw(head + "half") }) { rig in
            try await define(rig)
            #expect(try text(await rig.performer.perform(claim())) == #"again ["connectionLost"]"#)
        }
    }

    @Test("Trouble with a body that cannot be read is tried again all the same", arguments: [
        PeerAnswer.answer(503, headers: [("Content-Encoding", "gzip")], body: "busy"),
        .answer(503, body: String(repeating: "x", count: 2 << 20)),
    ])
    func unreadableTrouble(answer: PeerAnswer) async throws {
        try await withRig(answer: { _ in answer }) { rig in
            try await define(rig)
            #expect(try text(await rig.performer.perform(claim())) == #"again ["http_503"]"#)
        }
    }

    /// Status, whether it leads to the same origin, the outcome, and the methods that were used.
    static let redirected: [(Int, Bool, String, [String])] = [
        (301, true, "true http_200", ["POST", "POST"]), (302, true, "true http_200", ["POST", "POST"]),
        (303, true, "false http_303", ["POST"]), (307, true, "true http_200", ["POST", "POST"]),
        (308, true, "true http_200", ["POST", "POST"]), (301, false, "false http_301", ["POST"]),
        (302, false, "false http_302", ["POST"]), (303, false, "false http_303", ["POST"]),
    ]

    @Test("A redirect of an action is never a success of a look-up", arguments: redirected)
    func redirect(status: Int, isSameOrigin: Bool, outcome: String, methods: [String]) async throws {
        let other = try HTTPPeer.start { _ in .answer(200, body: #"{"id":"m-1"}"#) }
        defer { other.stop() }
        let target = isSameOrigin ? "/done" : other.url + "/done"
        try await withRig(answer: { request in
            request.path == "/done" ? .answer(200, body: #"{"id":"m-1"}"#) : .redirect(status, to: target)
        }) { rig in
            try await define(rig)
            let told = try text(await rig.performer.perform(claim()))
            #expect(told.hasPrefix("completed \(outcome)"), "the journey was told \(told)")
            #expect(rig.peer.received.map(\.method) == methods && other.requestCount == 0)
            #expect(Set(rig.peer.received.compactMap { $0["Idempotency-Key"] }) == ["4f:thank:1"])
        }
    }

    @Test("What is put off waits in its action's lane; what may not is told backlogFull, with the calls made")
    func backlog() async throws {
        try await withRig(answer: { _ in .answer(503) }) { rig in
            try await define(rig)
            guard case .again(_, let progress) = await rig.performer.perform(claim()) else {
                Issue.record("it is not to be called again")
                return
            }
            #expect(progress.lane == "sms")
            let outcome = try JSONValue.parse(rig.performer.refused(claim(progress: progress)))
            #expect(outcome["status"] == "backlogFull" && outcome["succeeded"] == false)
            #expect(outcome["id"] == "4f:thank:1" && outcome["instance"] == "4f" && outcome["person"] == "7")
            #expect(outcome["calls"]?.arrayValue?.map { $0["status"] } == ["http_503"])
            // One that cannot be read has an outcome all the same.
            let other = try JSONValue.parse(rig.performer.refused(claim(Array("nothing".utf8))))
            #expect(other["id"] == "4f:thank:1" && other["succeeded"] == false)
        }
    }

    @Test("A fault of a test is a text that kills, or none", arguments: [
        ("", true), ("kill:o-17", true), ("kill:", false), ("o-17", false),
    ])
    func faults(setting: String, isRight: Bool) {
        #expect((FaultHook(setting) != nil) == isRight && FaultHook(nil) != nil)
        // What has not the text is passed.
        FaultHook(setting)?.pass(Array("o-18".utf8))
    }

    @Test("The last attempt in vain is a dead letter with the last answer")
    func exhausted() async throws {
        try await withRig(answer: { _ in .answer(503) }) { rig in
            try await define(rig, ["retries": 1])
            let first = RequestProgress(
                claimedAt: 1, calledAt: Int64(Date().timeIntervalSince1970 * 1_000),
                calls: [.init(at: 1, milliseconds: 1, status: "http_500")])
            let verdict = await rig.performer.perform(claim(progress: first))
            #expect(try text(verdict) == #"dead retriesExhausted http_503 false http_503 ["http_500", "http_503"]"#)
        }
    }

    @Test("A request past its time whose worker died is tried once more, and then timed out")
    func late() async throws {
        try await withRig(answer: { _ in .answer(503) }) { rig in
            try await define(rig)
            let verdict = await rig.performer.perform(claim(progress: RequestProgress(claimedAt: 1, calledAt: 1)))
            #expect(try text(verdict) == #"dead timedout http_503 false timedout ["http_503"]"#)
            #expect(rig.peer.requestCount == 1)
        }
    }

    @Test("A request of a stopped version is cancelled without a call")
    func cancelled() async throws {
        try await withRig(answer: { _ in .answer(200) }) { rig in
            try await define(rig)
            let journey: JSONObject = ["name": "welcome", "versions": [["version": 1, "state": "stopped"]]]
            _ = try await rig.store.create(.journeys, journey, by: Self.author)
            try await rig.stopped.refresh(from: rig.store)
            #expect(try text(await rig.performer.perform(claim())) == "completed false cancelled []")
            #expect(rig.peer.requestCount == 0)
        }
    }

    @Test("What cannot be performed is a dead letter without a call")
    func impossible() async throws {
        try await withRig(answer: { _ in .answer(200) }) { rig in
            try await define(rig)
            #expect(
                try text(await rig.performer.perform(claim(action: "other")))
                    == "dead unknownAction internalError false internalError []")
            #expect(
                try text(await rig.performer.perform(claim(parameters: [:])))
                    == "dead missingParameter internalError false internalError []")
            let unreadable = await rig.performer.perform(claim(Array("nothing".utf8)))
            #expect(try text(unreadable).hasPrefix("dead unreadable "))
            #expect(rig.peer.requestCount == 0)
        }
    }

    @Test("Where all places of an endpoint are taken a request waits aside, unharmed")
    func full() async throws {
        try await withRig(places: 1, answer: { _ in .answer(200, after: .milliseconds(500)) }) { rig in
            try await define(rig)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { _ = await rig.performer.perform(self.claim()) }
                try await eventually("the only place is taken") { rig.peer.connectionCount == 1 }
                #expect(try text(await rig.performer.perform(claim())) == "postponed true")
                try await group.waitForAll()
            }
        }
    }

    @Test("A call that is cut off by the end of the process is made again, and is not counted as answered")
    func cutOff() async throws {
        try await withRig(answer: { _ in .silence }) { rig in
            try await define(rig)
            let call = Task { try text(await rig.performer.perform(claim())) }
            try await eventually("the call is made") { rig.peer.requestCount == 1 }
            call.cancel()
            #expect(try await call.value == "again []")
        }
    }

    enum BadPeer: String, CaseIterable {
        case halfBody, drip, reset, silence, redirectLoop, tooLarge, noHTTP

        var answer: PeerAnswer {
            switch self {
            case .halfBody: .halfBody(promised: 1_000, sent: 10)
            case .drip: .drip(bytes: 1_000, every: .milliseconds(20))
            case .reset: .reset
            case .silence: .silence
            case .redirectLoop: .redirect(307, to: "/sms")
            case .tooLarge: .large(bytes: 2 << 20)
            case .noHTTP: .raw("nothing of that kind\r\n\r\n")
            }
        }

        var status: String {
            switch self {
            case .reset: #"again ["connectionLost"]"#
            // A success of which only the answer is lost.
            case .halfBody, .drip: #"completed true http_200 ["http_200"] invalidResponse"#
            // Out of time, and there is none left for another attempt.
            case .silence: #"dead timedout timedout false timedout ["timedout"]"#
            case .redirectLoop: #"dead refused tooManyRedirects false tooManyRedirects ["tooManyRedirects"]"#
            // What was asked for is done; that the answer is not kept is said.
            case .tooLarge: #"completed true http_200 ["http_200"] responseTooLarge"#
            case .noHTTP: #"again ["protocolError"]"#
            }
        }
    }

    @Test(
        "A third party that answers badly is heard no longer than its time, and named by what it did",
        arguments: BadPeer.allCases)
    func badPeer(_ bad: BadPeer) async throws {
        try await withRig(answer: { _ in bad.answer }) { rig in
            try await define(rig)
            let began = ContinuousClock.now
            #expect(try text(await rig.performer.perform(claim(timeout: 600))) == bad.status)
            #expect(ContinuousClock.now - began < .seconds(5))
            if bad == .redirectLoop { #expect(rig.peer.requestCount == Limits.redirectsMax + 1) }
        }
    }
}
