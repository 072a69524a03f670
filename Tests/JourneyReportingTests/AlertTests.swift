import Definitions
import Foundation
import HTTPClient
import Logging
import Models
import TestKit
import Testing

@testable import JourneyReporting

@Suite("Alerts")
struct AlertTests {
    private static let key = "whsec_" + Data((0..<32).map { UInt8($0) }).base64EncodedString()

    static func alert(_ more: JSONObject = [:]) throws -> AlertDefinition {
        var document: JSONObject = [
            "name": "a", "kind": "errorRate", "threshold": 0.5, "webhook": ["url": "https://x.example/hook"],
        ]
        document.merge(more)
        return try AlertDefinition(document)
    }

    @Test(
        "What is wrong with a definition is said by its path",
        arguments: [
            (["kind": "noise"], "/kind"), (["threshold": 2], "/threshold"), (["threshold": nil], "/threshold"),
            (["window": "PT30S"], "/window"), (["window": "PT90S"], "/window"), (["queue": "inbox"], "/queue"),
            (["kind": "queueAge", "journey": "j"], "/journey"), (["webhook": nil], "/webhook"),
            (["webhook": ["url": "ftp://x"]], "/webhook/url"),
            (["webhook": ["url": "https://x", "secret": "short"]], "/webhook/secret"), (["colour": "red"], "/colour"),
        ] as [(JSONObject, String)])
    func problems(change: JSONObject, path: String) {
        let error = #expect(throws: InvalidDocument.self) { try Self.alert(change) }
        #expect(error?.problems.contains { $0.path == path } == true, "\(String(describing: error))")
    }

    @Test("A state changes once, is told once, and is read back as it was written")
    func states() throws {
        var state = AlertState(at: 1_000)
        func take(_ value: Double, _ isOutOfBounds: Bool, at now: Int64) -> Bool {
            state.take(value, isOutOfBounds: isOutOfBounds, alert: "a", at: now)
        }
        let changes = [take(0.1, false, at: 2_000), take(0.6, true, at: 3_000), take(0.7, true, at: 4_000)]
        #expect(changes == [false, true, false])
        #expect(state.word == .firing && state.since == 3_000 && state.value == 0.7)
        #expect(state.waiting.count == 1)
        let isResolved = take(0, false, at: 5_000)
        #expect(isResolved)
        #expect(state.waiting.map(\.word) == [.firing, .ok])
        #expect(Set(state.waiting.map(\.id)).count == 2)
        #expect(AlertState(state.json.bytes) == state)
    }

    @Test("A webhook that does not answer is told again later and later, and given up in the end")
    func retries() {
        var state = AlertState(at: 0)
        _ = state.take(1, isOutOfBounds: true, alert: "a", at: 0)
        let id = state.waiting[0].id
        var now: Int64 = 0
        var delays: [Int64] = []
        while let first = state.waiting.first {
            now = first.nextAt
            state.note(id, delivered: false, status: "http_500", at: now)
            if let next = state.waiting.first { delays.append(next.nextAt - now) }
        }
        #expect(delays.count == Int(AlertLimits.attemptsMax) - 1)
        #expect(delays == delays.sorted() && delays[0] == AlertLimits.firstDelayMilliseconds)
        #expect(delays.allSatisfy { $0 <= AlertLimits.delayMaxMilliseconds })
        _ = state.take(0, isOutOfBounds: false, alert: "a", at: now)
        state.note(state.waiting[0].id, delivered: true, status: "http_204", at: now)
        #expect(state.waiting.isEmpty)
    }

    @Test(
        "Discards are kept events that were dropped, and actions and look-ups that might not wait",
        arguments: [
            ("noted", "", "bufferFull", true), ("noted", "", "late", false), ("node", "action", "backlogFull", true),
            ("node", "condition", "backlogFull", false), ("fetch", "condition", "backlogFull", true),
            ("attempt", "action", "http_503", false), ("node", "action", "timedout", false),
        ])
    func discards(kind: String, type: String, code: String, expected: Bool) {
        let series = TallySeries(
            journey: "j", version: 1, kind: kind, node: "n", type: type, status: "error", path: "", code: code, run: "")
        #expect(AlertMeasure.isDropped(series) == expected)
    }

    @Test("No more than the bound waits; the newest are told")
    func bounds() {
        var state = AlertState(at: 0)
        for round in 0..<40 { _ = state.take(1, isOutOfBounds: round % 2 == 0, alert: "a", at: Int64(round)) }
        #expect(state.waiting.count == AlertLimits.waitingMax)
        #expect(state.waiting.last?.at == 39)
    }

    @Test("The signature is the one of Standard Webhooks")
    func signature() {
        // The example of the specification, version 1.0.0.
        let signature = Webhook.signature(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330",
            Array(#"{"test": 2432232314}"#.utf8))
        #expect(signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
        #expect(Webhook.signature("whsec_###", "i", "1", []) == nil)
        #expect(Webhook.signature("plain", "i", "1", []) == nil)
    }

    @Test("A webhook gets id, time and signature, and its answer is read", arguments: [204, 500])
    func webhook(status: Int) async throws {
        let peer = try HTTPPeer.start { _ in .answer(status) }
        defer { peer.stop() }
        let client = try OutboundClient(
            policy: try AddressPolicy(allow: ["127.0.0.1"]), logger: Logger(label: "test"))
        let webhook = Webhook(client: client, sealing: .withoutKey, clock: { 1_700_000_000_000 })
        let alert = try Self.alert([
            "webhook": ["url": .string(peer.url + "/hook"), "secret": .string(Self.key)]
        ])
        let result = await webhook.tell(alert, id: "a-1-firing", alert.message("firing", at: 0, value: 0.7))
        #expect(result == Webhook.Result(delivered: status == 204, status: "http_\(status)"))
        let request = try #require(peer.received.first)
        #expect(request["webhook-id"] == "a-1-firing" && request["webhook-timestamp"] == "1700000000")
        #expect(
            request["webhook-signature"]
                == Webhook.signature(Self.key, "a-1-firing", "1700000000", Array(request.text.utf8)))
        #expect(try JSONValue.parse(request.text)["data"]?["value"]?.decimalValue == 0.7)
        await client.close(grace: .zero)
    }

    @Test("An address of the inside is not called")
    func addresses() async throws {
        let client = try OutboundClient(logger: Logger(label: "test"))
        let webhook = Webhook(client: client, sealing: .withoutKey, clock: { 0 })
        let alert = try Self.alert(["webhook": ["url": "http://127.0.0.1:1/hook"]])
        let result = await webhook.tell(alert, id: "i", [:])
        #expect(result == Webhook.Result(delivered: false, status: "refusedAddress"))
        await client.close(grace: .zero)
    }
}
