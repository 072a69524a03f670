import Foundation
import HTTPClient
import JSONRPC
import Models
import Queues
import Redis
import Synchronization
import TestKit
import Testing

@testable import DataSourceFetching

@Suite("Requests for data")
struct FetchTests {
    @Test("A look-up is called with its parameter and credentials, and answered with the fields that are read")
    func answered() async throws {
        try await FetchingRig.run(answer: { request in
            request["x-key"] == "planted-secret" && request.target == "/members/4%2F2"
                ? .answer(200, body: #"{"tier":"gold","points":120,"address":{"city":"Paris"}}"#) : .answer(401)
        }) { rig in
            try await rig.makeSource(authentication: ["type": "apiKey", "name": "x-key", "value": "planted-secret"])
            try await rig.push("r1", members: ["4/2"], fields: ["tier", "address.city", "missing"])
            let results = try await rig.outcomes(1)
            #expect(
                results["r1"]?["k4/2"]
                    == LookupResult(data: ["tier": "gold", "address": ["city": "Paris"]], cached: false))
            let outcome = try #require(try await rig.outcomes().first)
            #expect(outcome.person == FetchingRig.person)
            #expect(outcome.instance == "i1")
            #expect(outcome.durationMilliseconds >= 0)
        }
    }

    @Test("An answer that may be used again is, by requests that read other fields too; then it is asked for anew")
    func cached() async throws {
        try await FetchingRig.run(answer: { _ in .answer(200, body: #"{"tier":"gold","points":120}"#) }) { rig in
            try await rig.makeSource(["cache": "PT1M"])
            try await rig.push("r1")
            _ = try await rig.outcomes(1)
            try await rig.push("r2", fields: ["points"])
            let results = try await rig.outcomes(2)
            #expect(results["r2"]?["k42"] == LookupResult(data: ["points": 120], cached: true))
            #expect(rig.peer.requestCount == 1)
            _ = try await rig.call("dataSources.update", ["name": "loyalty", "description": "a new revision"])
            try await rig.push("r3")
            let after = try await rig.outcomes(3)
            #expect(after["r3"]?["k42"]?.cached == false)
            #expect(rig.peer.requestCount == 2)
        }
    }

    @Test("A look-up that failed keeps what was answered, without the credentials that were sent")
    func failedAnswer() async throws {
        try await FetchingRig.run(answer: { _ in .answer(404, body: #"{"no":"such member of planted-secret"}"#) }) { rig in
            try await rig.makeSource(authentication: ["type": "apiKey", "name": "x-key", "value": "planted-secret"])
            try await rig.push("r1")
            let result = try await rig.outcomes(1)["r1"]?["k42"]
            #expect(result?.errorCode == "http_404")
            #expect(result?.answer?.status == 404)
            #expect(result?.answer?.body.hasPrefix(#"{"no":"such member of •••"#) == true)
        }
    }

    @Test("Equal look-ups at the same time are one call")
    func joined() async throws {
        try await FetchingRig.run(answer: { _ in
            .answer(200, body: #"{"tier":"gold"}"#, after: .milliseconds(300))
        }) { rig in
            try await rig.makeSource()
            for number in 0..<20 { try await rig.push("r\(number)") }
            let results = try await rig.outcomes(20)
            #expect(results.values.allSatisfy { $0["k42"]?.data == ["tier": "gold"] })
            #expect(rig.peer.requestCount < 20)
            #expect(rig.parts.lookups.client.counters.figures.joined > 0)
        }
    }

    @Test("What goes wrong has its code", arguments: [
        (PeerAnswer.answer(404), "http_404"), (.answer(200, body: "<html>"), "invalidResponse"),
        (.answer(200, body: #"{"a":1,"a":}"#), "invalidResponse"), (.answer(204), "invalidResponse"),
        (.answer(200), "invalidResponse"), (.answer(200, body: "{}x"), "invalidResponse"),
        (.answer(200, headers: [("Content-Encoding", "gzip")], body: "{}"), "invalidResponse"),
        (.answer(404, headers: [("Content-Encoding", "gzip")], body: "{}"), "http_404"),
        (.answer(200, headers: [("Content-Type", "application/json; charset=koi8-r")], body: "{}"), "invalidResponse"),
        (.answer(200, body: #"{"tier":"\#(String(repeating: "x", count: 70_000))"}"#), "responseTooLarge"),
        (.large(bytes: 2 << 20), "responseTooLarge"), (.answer(302), "http_302"),
        (.redirect(303, to: "/x"), "tooManyRedirects"),
    ])
    func failures(answer: PeerAnswer, code: String) async throws {
        try await FetchingRig.run(answer: { _ in answer }) { rig in
            try await rig.makeSource()
            try await rig.push("r1")
            let results = try await rig.outcomes(1)
            #expect(results["r1"]?["k42"]?.errorCode == code)
        }
    }

    @Test("Of a repeated key the last one counts, and it is said, from the cache too")
    func repeatedKey() async throws {
        let body = "\u{FEFF}" + #"{"tier":"silver","tier":"gold"}"#
        try await FetchingRig.run(answer: { _ in .answer(200, body: body) }) { rig in
            try await rig.makeSource(["cache": "PT1M"])
            for (id, isCached) in [("r1", false), ("r2", true)] {
                try await rig.push(id)
                let result = try await rig.outcomes(isCached ? 2 : 1)[id]?["k42"]
                #expect(result?.data?["tier"] == "gold")
                #expect(result?.cached == isCached && result?.note == "repeatedKey")
            }
            let shown = try await rig.call(
                "fetch.now", ["source": "loyalty", "group": "account", "params": ["memberId": "42"]])
            #expect(shown["note"] == "repeatedKey" && shown["data"]?["tier"] == "gold")
        }
    }

    @Test("A third party that says nothing is given up when the journey's time is over, or the group's", arguments: [
        (400, "PT5S"), (5_000, "PT0.4S"),
    ] as [(Int64, String)])
    func timeOut(timeout: Int64, group: String) async throws {
        try await FetchingRig.run(answer: { _ in .silence }) { rig in
            try await rig.makeSource(["timeout": .string(group)])
            try await rig.push("r1", timeout: timeout)
            let results = try await rig.outcomes(1)
            #expect(results["r1"]?["k42"] == LookupResult(errorCode: "timedout"))
            let outcome = try #require(try await rig.outcomes().first)
            // The other of both would be five seconds.
            #expect((300..<5_000).contains(outcome.durationMilliseconds))
        }
    }

    @Test("A failure that may pass is tried again within the time")
    func repeated() async throws {
        let count = Atomic<Int>(0)
        try await FetchingRig.run(answer: { _ in
            count.add(1, ordering: .relaxed).newValue < 3
                ? .answer(503) : .answer(200, body: #"{"tier":"gold"}"#)
        }) { rig in
            try await rig.makeSource()
            try await rig.push("r1")
            let results = try await rig.outcomes(1)
            #expect(results["r1"]?["k42"] == LookupResult(data: ["tier": "gold"], cached: false))
            #expect(rig.peer.requestCount == 3)
        }
    }

    @Test("The last failure is told when repeats do not help")
    func exhausted() async throws {
        try await FetchingRig.run(answer: { _ in .answer(503) }) { rig in
            try await rig.makeSource()
            try await rig.push("r1")
            let results = try await rig.outcomes(1)
            #expect(results["r1"]?["k42"]?.errorCode == "http_503")
            #expect(rig.peer.requestCount == 3)
        }
    }

    @Test("An address that is not public is refused unless it is allowed")
    func refusedAddress() async throws {
        try await FetchingRig.run(options: { $0.allowOutbound = [] }, answer: { _ in .answer(200, body: "{}") }) {
            rig in
            try await rig.makeSource()
            try await rig.push("r1")
            let results = try await rig.outcomes(1)
            #expect(results["r1"]?["k42"] == LookupResult(errorCode: "refusedAddress"))
            #expect(rig.peer.requestCount == 0)
        }
    }

    @Test("An unknown source or an empty parameter fails the look-up and nothing else")
    func unknown() async throws {
        try await FetchingRig.run(answer: { _ in .answer(200, body: #"{"tier":"gold"}"#) }) { rig in
            try await rig.makeSource()
            try await rig.push("r1", source: "nothing")
            try await rig.push("r2", members: ["", "42"])
            let results = try await rig.outcomes(2)
            #expect(results["r1"]?["k42"] == LookupResult(errorCode: "unknownSource"))
            #expect(results["r2"]?["k"] == LookupResult(errorCode: "missingParameter"))
            #expect(results["r2"]?["k42"]?.data == ["tier": "gold"])
        }
    }

    @Test("One endpoint that hangs keeps its own places only")
    func bulkhead() async throws {
        try await FetchingRig.run(options: { $0.endpointPlaces = 2 }, answer: { request in
            request.target.hasPrefix("/slow") ? .silence : .answer(200, body: #"{"tier":"gold"}"#)
        }) { rig in
            try await rig.makeSource()
            try await rig.makeSlowSource()
            for number in 0..<6 {
                try await rig.push("s\(number)", members: ["\(number)"], timeout: 1_500, source: "slow")
            }
            for number in 0..<6 { try await rig.push("f\(number)", members: ["\(number)"]) }
            let results = try await rig.outcomes(12)
            for number in 0..<6 {
                #expect(results["f\(number)"]?["k\(number)"]?.data == ["tier": "gold"])
                #expect(results["s\(number)"]?["k\(number)"]?.errorCode == "timedout")
            }
            #expect(rig.parts.lookups.client.counters.figures.postponed > 0)
        }
    }

    @Test("Look-ups of a group that fill its share end as backlogFull, and those of others go on")
    func backlog() async throws {
        try await FetchingRig.run(options: {
            $0.endpointPlaces = 4
            $0.waitingBytesMax = 8_000
        }, answer: { request in
            request.target.hasPrefix("/slow") ? .silence : .answer(200, body: #"{"tier":"gold"}"#)
        }) { rig in
            try await rig.makeSource()
            try await rig.makeSlowSource()
            for number in 0..<30 {
                try await rig.push("s\(number)", members: ["\(number)"], timeout: 3_000, source: "slow")
            }
            for number in 0..<3 { try await rig.push("f\(number)", members: ["\(number)"]) }
            let results = try await rig.outcomes(33)
            for number in 0..<3 { #expect(results["f\(number)"]?["k\(number)"]?.data == ["tier": "gold"]) }
            let codes = (0..<30).map { results["s\($0)"]?["k\($0)"]?.errorCode ?? "none" }
            // Four are called and up to some six wait; the rest would have waited beyond the share.
            #expect(codes.count { $0 == "backlogFull" } >= 16, "\(codes)")
            #expect(codes.count { $0 == "timedout" } >= 4 && Set(codes) == ["backlogFull", "timedout"], "\(codes)")
            let queue = rig.keys.partition(FetchingRig.person.partition(of: 4))
            let letters = try await rig.redis.node(forPartition: queue.number)
                .send(RedisCommand("LRANGE", queue.dead(.fetches), 0, -1)).requireArray()
            let reasons = try letters.map { try JSONValue.parse($0.requireBytes())["reason"] }
            #expect(reasons.count == codes.count { $0 == "backlogFull" } && reasons.allSatisfy { $0 == "backlogFull" })
        }
    }

    @Test("The time of a look-up whose worker died counts from now, and not from its first claim")
    func timeOfTheDead() async throws {
        try await FetchingRig.run(answer: { _ in .answer(200, body: #"{"tier":"gold"}"#, after: .milliseconds(300)) }) {
            rig in
            try await rig.makeSource()
            try await rig.push("died", header: #""progress":{"claimedAt":1},"deaths":1,"#)
            let results = try await rig.outcomes(1)
            #expect(results["died"]?["k42"]?.data == ["tier": "gold"])
        }
    }

    @Test("What is under way at a shutdown goes back to the queue unharmed, and nobody waits for it")
    func givenBack() async throws {
        try await FetchingRig.run(options: { $0.drain = .milliseconds(50) }, answer: { _ in .silence }) { rig in
            try await rig.makeSource(["timeout": "PT20S"])
            try await rig.push("r1", timeout: 20_000)
            try await eventually(within: .seconds(30), "the call") { rig.peer.requestCount == 1 }
        } afterShutdown: { rig in
            let queue = rig.keys.partition(FetchingRig.person.partition(of: 4))
            let node = rig.redis.node(forPartition: queue.number)
            let claimed = try await node.send(RedisCommand("HLEN", queue.claimed(.fetches))).requireInteger()
            #expect(claimed == 0)
            let waiting = try await node.send(RedisCommand("ZRANGE", queue.retry(.fetches), 0, -1)).requireArray()
            let element = try #require(waiting.first?.text)
            #expect(element.hasPrefix(#"{"kind":"fetch","id":"r1","deliveries":0,"attempts":0,"#))
            let outcomes = try await rig.outcomes()
            #expect(outcomes.isEmpty)
        }
    }

    @Test("A request that cannot be read is parked with its reason and the rest goes on")
    func poison() async throws {
        try await FetchingRig.run(answer: { _ in .answer(200, body: #"{"tier":"gold"}"#) }) { rig in
            try await rig.makeSource()
            let queue = rig.keys.partition(FetchingRig.person.partition(of: 4))
            let node = rig.redis.node(forPartition: queue.number)
            _ = try await node.send(RedisCommand("RPUSH", queue.requests(.fetches), "no JSON"))
            _ = try await node.send(
                RedisCommand(
                    "RPUSH", queue.requests(.fetches),
                    #"{"kind":"fetch","id":"broken","deliveries":0,"attempts":0,"namespace":"crmId","person":"42","journey":"welcome","version":1,"instance":"i1"}"#))
            try await rig.push("r1")
            let results = try await rig.outcomes(2)
            #expect(results["r1"]?["k42"]?.data == ["tier": "gold"])
            #expect(results["broken"] == [:])
            let dead = try await node.send(RedisCommand("LLEN", queue.dead(.fetches))).requireInteger()
            #expect(dead == 2)
        }
    }
}

extension FetchingRig {
    /// The source `slow` at the same peer: by another name it is another endpoint.
    fileprivate func makeSlowSource() async throws {
        let slow = peer.url.replacing("127.0.0.1", with: "localhost") + "/slow/{memberId}"
        _ = try await call(
            "dataSources.create",
            [
                "name": "slow",
                "groups": [["name": "account", "url": .string(slow), "parameters": ["memberId"]]],
            ])
    }
}
