import Definitions
import JSONRPC
import Models
import Synchronization
import TestKit
import Testing

@testable import DataSourceFetching

@Suite("Tokens of endpoints")
struct TokenTests {
    /// What the third party was asked for tokens, and the token that it takes at the moment.
    private final class Party: Sendable {
        let asked = Mutex<[String]>([])
        let valid = Atomic<Int>(1)
        let isStrict = Atomic<Bool>(true)

        func answer(_ request: PeerRequest, bearer: (PeerRequest) -> String?) -> PeerAnswer {
            if request.path.hasPrefix("/token") {
                let number = asked.withLock { asked -> Int in
                    asked.append(String(decoding: request.body, as: UTF8.self))
                    return asked.count
                }
                return .answer(200, body: #"{"data":{"token":"secret-token-\#(number)"},"expires":"3600"}"#)
            }
            let expected = "secret-token-\(valid.load(ordering: .relaxed))"
            if isStrict.load(ordering: .relaxed), bearer(request) != expected { return .answer(401) }
            return .answer(200, body: #"{"tier":"gold"}"#)
        }
    }

    private func authentication(_ rig: FetchingRig, _ members: JSONObject = [:]) -> JSONValue {
        var all: JSONObject = [
            "type": "custom", "endpoint": .string(rig.peer.url + "/token"), "method": "POST",
            "headers": ["X-App": "planted-app"],
            "body": ["bodyType": "form", "bodyParams": ["client_id": "me", "client_secret": "planted secret&"]],
            "tokenInResponse": "json://data/token", "authorizationType": "bearer",
            "cacheDuration": ["expiryInResponse": "json://expires", "timeUnit": "seconds"],
        ]
        all.merge(members)
        return .object(all)
    }

    private let params: JSONObject = ["source": "loyalty", "group": "account", "params": ["memberId": "42"]]

    @Test("A token is fetched once for all calls, and anew, once, where it is refused")
    func renewed() async throws {
        let party = Party()
        try await FetchingRig.run(answer: { request in
            party.answer(request) { $0["authorization"].map { String($0.dropFirst("Bearer ".count)) } }
        }) { rig in
            try await rig.makeSource(authentication: authentication(rig))
            for _ in 0..<3 { #expect(try await rig.call("fetch.now", params)["data"] == ["tier": "gold"]) }
            #expect(party.asked.withLock { $0 } == ["client_id=me&client_secret=planted%20secret%26"])
            party.valid.store(2, ordering: .relaxed)
            #expect(try await rig.call("fetch.now", params)["data"] == ["tier": "gold"])
            #expect(party.asked.withLock { $0.count } == 2)
            // No token is taken any more: the second refusal stands.
            party.valid.store(99, ordering: .relaxed)
            let before = rig.peer.requestCount
            #expect(try await rig.call("fetch.now", params)["error"] == "http_401")
            #expect(rig.peer.requestCount - before == 3)
        }
    }

    @Test("Calls at the same time share one call for a token")
    func shared() async throws {
        let party = Party()
        try await FetchingRig.run(answer: { request in
            party.answer(request) { $0["x-token"] }
        }) { rig in
            try await rig.makeSource(
                authentication: authentication(rig, ["authorizationType": "header", "tokenTarget": "X-Token"]))
            try await withThrowingTaskGroup(of: JSONValue.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        try await rig.call(
                            "fetch.now",
                            ["source": "loyalty", "group": "account", "params": ["memberId": .string("\(number)")]])
                    }
                }
                for try await answer in group { #expect(answer["data"] == ["tier": "gold"]) }
            }
            #expect(party.asked.withLock { $0.count } == 1)
        }
    }

    @Test("A token whose time is over is fetched anew")
    func expired() async throws {
        let party = Party()
        party.isStrict.store(false, ordering: .relaxed)
        try await FetchingRig.run(answer: { request in party.answer(request) { _ in nil } }) { rig in
            try await rig.makeSource(
                authentication: authentication(rig, ["cacheDuration": ["duration": 0, "timeUnit": "seconds"]]))
            for _ in 0..<2 { _ = try await rig.call("fetch.now", params) }
            #expect(party.asked.withLock { $0.count } == 2)
        }
    }

    @Test(
        "An endpoint without a token is a failure that the journey sees",
        arguments: [(500, "{}"), (200, "{}"), (200, "no json")])
    func failing(status: Int, body: String) async throws {
        try await FetchingRig.run(answer: { _ in .answer(status, body: body) }) { rig in
            try await rig.makeSource(authentication: authentication(rig))
            #expect(try await rig.call("fetch.now", params)["error"] == "authenticationFailed")
            let shown = try await rig.call(
                "dataSources.test", ["name": "loyalty", "group": "account", "params": ["memberId": "1"]])
            #expect(shown["error"] == "authenticationFailed")
            let token = try await rig.call("dataSources.testAuthentication", ["name": "loyalty"])
            #expect(token["token"] == false)
        }
    }

    @Test("The test of an authentication shows the call; no answer holds a secret, and an export may be applied again")
    func masked() async throws {
        let party = Party()
        party.isStrict.store(false, ordering: .relaxed)
        try await FetchingRig.run(answer: { request in party.answer(request) { _ in nil } }) { rig in
            try await rig.makeSource(authentication: authentication(rig))
            let shown = try await rig.call("dataSources.testAuthentication", ["name": "loyalty"])
            #expect(shown["token"] == true)
            #expect(shown["lifetimeMs"] == 3_600_000)
            #expect(shown["request"]?["url"] == .string(rig.peer.url + "/token"))
            let exported = try await rig.call("config.export", [:])
            let got = try await rig.call("dataSources.get", ["name": "loyalty"])
            let tested = try await rig.call(
                "dataSources.test", ["name": "loyalty", "group": "account", "params": ["memberId": "1"]])
            for text in [shown.text, exported.text, got.text, tested.text] {
                #expect(!text.contains("planted"))
                #expect(!text.contains("secret-token"))
            }
            #expect(got["authentication"]?["body"]?["bodyParams"]?["client_secret"] == .string(Secret.mask))
            let documents = (exported["documents"]?.arrayValue ?? []).filter { $0["dataSource"] != nil }
            #expect(documents.first?["secrets"]?.arrayValue?.count == 3)
            let applied = try await rig.call("config.apply", ["documents": .array(documents)])
            #expect(applied["results"]?[0]?["result"] == "unchanged")
            // A parameter that is left out among others is gone.
            var changed = got["authentication"]?.objectValue ?? [:]
            changed["body"] = ["bodyType": "form", "bodyParams": ["client_id": .string(Secret.mask)]]
            let updated = try await rig.call(
                "dataSources.update", ["name": "loyalty", "authentication": .object(changed)])
            #expect(updated["authentication"]?["body"]?["bodyParams"] == ["client_id": .string(Secret.mask)])
            _ = try await rig.call("dataSources.testAuthentication", ["name": "loyalty"])
            #expect(party.asked.withLock { $0.last } == "client_id=me")
        }
    }

    @Test(
        "A form that is not one is refused with the place of the mistake",
        arguments: [
            (["tokenInResponse": "xml://a"], "/authentication/tokenInResponse"),
            (["endpoint": "ftp://x"], "/authentication/endpoint"),
            (["authorizationType": "header"], "/authentication/tokenTarget"),
            (["cacheDuration": ["timeUnit": "weeks", "duration": 1]], "/authentication/cacheDuration/timeUnit"),
            (["body": ["bodyType": "xml"]], "/authentication/body/bodyType"),
            (["method": "GET"], "/authentication/body"), (["other": 1], "/authentication/other"),
        ] as [(JSONObject, String)])
    func refused(members: JSONObject, path: String) async throws {
        try await FetchingRig.run(answer: { _ in .answer(200) }) { rig in
            let failure = await rig.failure {
                try await rig.makeSource(authentication: authentication(rig, members))
                return .null
            }
            #expect(failure?.code == .invalidParams)
            let paths = (failure?.data?["problems"]?.arrayValue ?? []).compactMap { $0["path"]?.stringValue }
            #expect(paths.contains(path), "\(paths)")
        }
    }
}
