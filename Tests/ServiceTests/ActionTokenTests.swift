import HTTPClient
import Models
import Redis
import Synchronization
import TestKit
import Testing

/// Actions that call with a token of an endpoint, with action-dispatch as a process of its own.
@Suite("Tokens of actions", .serialized)
struct ActionTokenTests {
    @Test("An action gets a token, renews it once where it is refused, and tells nobody")
    func renewed() async throws {
        let suite = try await SojournSuite.start(SuiteSettings(services: [.actionDispatch], partitions: 1))
        let counts = Counts()
        suite.partners.answer("/token") { _ in
            .answer(200, body: #"{"access_token":"planted-token-\#(counts.nextToken())"}"#)
        }
        suite.partners.answer("/sms") { request in
            // The first token is refused from its second use on.
            let isRefused = request["authorization"] == "Bearer planted-token-1" && counts.nextCall() > 1
            return isRefused ? .answer(401) : .answer(200, body: #"{"id":"m-1"}"#)
        }
        let url = suite.partners.url
        let made = try await suite.call(
            .actionDispatch, "actions.create",
            [
                "name": "sms", "method": "POST", "url": .string(url + "/sms"),
                "parameters": [["name": "to", "type": "string"]], "body": ["to": ["param": "to"]],
                "authentication": [
                    "type": "customAuthorization", "endpoint": .string(url + "/token"), "method": "POST",
                    "body": ["bodyType": "json", "bodyParams": ["secret": "planted-secret"]],
                    "tokenInResponse": "json://access_token",
                ],
            ])
        #expect(!made.text.contains("planted"))
        for number in 1...2 {
            let request = ActionRequest(
                id: "r\(number)",
                origin: RequestOrigin(
                    person: Person(namespace: "crmId", id: "42"), journey: "welcome", version: 1, instance: "i1",
                    node: "thank", visit: 1),
                action: "sms", actionRevision: 1, parameters: ["to": "+1"], timeoutMilliseconds: 5_000, fields: ["id"])
            _ = try await suite.redisClient.slow.send(RedisCommand("RPUSH", suite.key("actions", 0), request.element))
            try await eventually(within: .seconds(20), "the outcome of \(number)") {
                try await suite.outcomes().count == number
            }
        }
        #expect(try await suite.outcomes().map { $0["status"] } == ["http_200", "http_200"])
        #expect(suite.partners.bodies("/token") == [["secret": "planted-secret"], ["secret": "planted-secret"]])
        let sent = suite.partners.requests("/sms").map { $0["authorization"] ?? "" }
        #expect(sent == ["Bearer planted-token-1", "Bearer planted-token-1", "Bearer planted-token-2"])
        #expect(suite.partners.requests("/sms").map { $0["idempotency-key"] } == ["r1", "r2", "r2"])
        let tested = try await suite.call(.actionDispatch, "actions.test", ["name": "sms", "parameters": ["to": "+1"]])
        #expect(tested["response"]?["status"] == 200)
        #expect(!tested.text.contains("planted"))
        #expect(!suite.allLogs.contains("planted"))
        await suite.close()
    }
}

/// Counts calls of the third party.
private final class Counts: Sendable {
    private let tokens = Atomic<Int>(0)
    private let calls = Atomic<Int>(0)

    func nextToken() -> Int { tokens.add(1, ordering: .relaxed).newValue }
    func nextCall() -> Int { calls.add(1, ordering: .relaxed).newValue }
}

extension SojournSuite {
    /// The outcomes in the inbox of partition 0.
    fileprivate func outcomes() async throws -> [JSONValue] {
        try await redisClient.slow.send(RedisCommand("LRANGE", key("inbox", 0), 0, -1)).requireArray()
            .compactMap(\.bytes).map { try JSONValue.parse($0) }.filter { $0["kind"] == "outcome" }
    }
}
