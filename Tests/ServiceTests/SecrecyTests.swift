import Foundation
import HTTPClient
import Models
import TestKit
import Testing

@Suite("Secrets and personal data")
struct SecrecyTests {
    private static let sourceKey = "planted-key-7c1d"
    private static let password = "planted-password-5e9a"
    private static let basicToken = "c2VydmljZTpwbGFudGVkLXBhc3N3b3JkLTVlOWE="
    private static let name = "Zyxwina-Planted"
    private static let phone = "+99 555 0100 777"

    @Test("A planted secret and a person's attributes are in no log and no answer; secrets are not in Redis' file")
    func planted() async throws {
        let suite = try await SojournSuite.start(SuiteSettings(fsync: .always, logLevel: "debug"))
        let shop = try await Shop.open(suite, "hush")
        try await configure(suite, shop)
        var answers = try await play(suite, shop)
        answers += try await ask(suite, shop)

        for answer in answers {
            for word in [Self.sourceKey, Self.password, Self.basicToken, Self.name, Self.phone] {
                #expect(!answer.text.contains(word), "\(answer.text.prefix(500))")
            }
        }
        // What may be shown to those who ask for it.
        let profile = try await suite.call(
            .dataSourceFetching, "profiles.get", ["namespace": "crmId", "id": "hush-a"])
        #expect(profile.text.contains(Self.name))
        for service in SuiteService.six {
            let log = suite.log(of: service)
            #expect(!log.isEmpty, "\(service.rawValue)")
            for word in [Self.sourceKey, Self.password, Self.basicToken, Self.name, Self.phone] {
                let line = log.split(separator: "\n").first { $0.contains(word) }
                #expect(line == nil, "\(service.rawValue): \(line ?? "")")
            }
        }
        let stored = try Self.files(below: suite.redis.path) + Self.files(below: suite.folder.path)
        #expect(stored.contains { $0.range(of: Data(Self.name.utf8)) != nil })
        for data in stored {
            for word in [Self.sourceKey, Self.password, Self.basicToken] {
                #expect(data.range(of: Data(word.utf8)) == nil)
            }
        }
        await suite.close()
    }

    private func configure(_ suite: SojournSuite, _ shop: Shop) async throws {
        suite.partners.answer(shop.loyaltyPath) { request in
            request["x-key"] == Self.sourceKey ? .answer(200, body: #"{"tier":"gold","points":1}"#) : .answer(401)
        }
        suite.partners.answer(shop.smsPath) { request in
            request["authorization"] == "Basic \(Self.basicToken)" ? .answer(200, body: #"{"id":"m-1"}"#) : .answer(401)
        }
        var source = shop.sourceDefinition.objectValue ?? [:]
        source["authentication"] = [
            "type": "apiKey", "name": "x-key", "value": .string(Self.sourceKey), "in": "header",
        ]
        var action = shop.actionDefinition.objectValue ?? [:]
        action["authentication"] = ["type": "basic", "user": "service", "password": .string(Self.password)]
        let results = try await suite.apply([["dataSource": .object(source)], ["action": .object(action)]])
        #expect(results.allSatisfy { $0["result"] == "updated" }, "\(results)")
        #expect(!JSONValue.array(results).text.contains("planted"))

        let say: JSONValue = [
            "id": "say", "type": "action", "action": .string(shop.action),
            "parameters": [
                "to": "#{profile.phone}", "text": .string("#{profile.firstName} + @event{\(shop.placed).order.note}"),
            ],
        ]
        let condition: JSONValue = [
            "id": "tier", "type": "condition",
            "paths": [
                [
                    "label": "gold", "next": "say", "when": shop.isGold(),
                ]
            ],
        ]
        try await suite.apply([
            [
                "schema": [
                    "name": "customer", "kind": "profile",
                    "schema": [
                        "type": "object",
                        "properties": ["firstName": ["type": "string"], "phone": ["type": "string"]],
                    ],
                ]
            ]
        ])
        try await shop.publish(shop.journey("flow", [condition, say]))
        try await suite.call(
            .dataSourceFetching, "profiles.upsert",
            [
                "namespace": "crmId", "id": "hush-a",
                "attributes": ["firstName": .string(Self.name), "phone": .string(Self.phone)],
            ])
    }

    /// One person's way through, one event refused, one third party that refuses.
    private func play(_ suite: SojournSuite, _ shop: Shop) async throws -> [JSONValue] {
        var answers: [JSONValue] = []
        answers.append(try await shop.send(shop.event("a", id: "1", note: Self.name)))
        #expect(try await shop.statuses("a") == ["finished"])
        let sent = try #require(suite.partners.bodies(shop.smsPath).first)
        #expect(sent["to"] == .string(Self.phone))
        #expect(sent["text"] == .string(Self.name + Self.name))

        var wrong = shop.event("a", id: "2", note: Self.name).objectValue ?? [:]
        wrong["order"] = ["id": 7, "note": .string(Self.phone)]
        let refused = try await suite.collect(shop.inlet, .object(wrong))
        #expect(refused.status == 400)
        answers.append(refused.json)
        answers.append(try await suite.collect(shop.inlet, [.string(Self.name)]).json)
        let garbage = try await suite.send(
            .eventIngestion, "/rpc", body: Array("{\"jsonrpc\":\"2.0\",\"method\":\"\(Self.name)\"".utf8),
            headers: ["Content-Type": "application/json"], bearer: suite.adminKey)
        answers.append(garbage.json)

        // A refused call becomes a step and a failure, none of which shows what was sent.
        suite.partners.answer(shop.smsPath) { request in .answer(400, body: JSONValue.string(request.text).text) }
        try await shop.send(shop.event("a", id: "3", note: Self.name))
        try await shop.statuses("a", count: 2)
        return answers
    }

    /// Everything that shows the state and is no reading of a profile, an instance or a payload.
    private func ask(_ suite: SojournSuite, _ shop: Shop) async throws -> [JSONValue] {
        var answers = try await shop.steps("a")
        for service in SuiteService.six {
            answers.append(try await suite.call(service, "service.status"))
            answers.append(try await suite.call(service, "queues.list"))
            let metrics = try await suite.send(service, "/metrics", .get, bearer: suite.adminKey)
            answers.append(.string(String(decoding: metrics.body, as: UTF8.self)))
        }
        answers += try await suite.all(.dataSourceFetching, "dataSources.list")
        answers += try await suite.all(.actionDispatch, "actions.list")
        answers += try await suite.all(.console, "audit.list")
        answers += try await shop.instances("a")
        answers.append(try await suite.call(.dataSourceFetching, "config.export"))
        answers.append(try await suite.call(.actionDispatch, "config.export"))
        return answers
    }

    private static func files(below folder: String) throws -> [Data] {
        (FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? [])
            .compactMap { FileManager.default.contents(atPath: folder + "/" + $0) }
    }
}
