import Foundation
import HTTPClient
import Models
import TestKit
import Testing

/// The examples of the repository, played by real processes with the demo partners.
@Suite("The scenario of the examples")
struct ScenarioTests {
    private static let day = "Thank you for your large order, Ada. A gift travels with it."
    private static let evening = "Good evening, Ada. A gift travels with your large order."

    @Test("Each of five customers gets the messages of their path, and the trace tells it in order")
    func scenario() async throws {
        let suite = try await SojournSuite.start(SuiteSettings(services: SuiteService.allCases, partitions: 16))
        try await suite.apply(folder: suite.examples, partnersPort: suite.service(.demoPartners).port)
        let inlet = try await suite.call(.eventIngestion, "inlets.get", ["name": "web"])["id"]?.stringValue ?? ""
        let orders: [(customer: String, order: String, total: Int64)] = [
            ("42", "A", 250), ("43", "B", 250), ("44", "C", 30), ("45", "D", 80), ("46", "E", 120),
        ]
        for (customer, order, total) in orders {
            let answer = try await suite.collect(inlet, Self.event("commerce.orderPlaced", customer, order, total))
            #expect(answer.status == 200, "\(answer.json.text)")
        }
        try await eventually(within: .seconds(30), "all five wait for their parcels") {
            let filter: JSONValue = ["journey": "orderFollowUp", "node": "parcel"]
            return try await suite.all(.journeyExecution, "instances.list", filter: filter).count == 5
        }
        for (customer, order, _) in orders.dropLast() {
            let answer = try await suite.collect(inlet, Self.event("logistics.parcelDelivered", customer, order, nil))
            #expect(answer.status == 200, "\(answer.json.text)")
        }
        try await eventually(within: .seconds(40), "everybody has left") {
            let filter: JSONValue = ["journey": "orderFollowUp"]
            return try await suite.all(.journeyExecution, "instances.list", filter: filter).isEmpty
        }

        let sms = try await Self.received(suite, "sms"), push = try await Self.received(suite, "push")
        let fine = { (city: String) in
            ["A fine day for a walk in \(city).", "A fine day for a picnic in \(city)."]
        }
        let ada = sms["+33 1 42"] ?? []
        #expect(ada.count == 2)
        #expect([Self.day, Self.evening].contains(ada.first))
        #expect(ada.last == "It rains in Paris. Time to unpack at home.")
        for (phone, name, city) in [
            ("+49 30 43", "Ben", "Berlin"), ("+82 2 44", "Chloe", "Seoul"), ("+49 30 45", "Dan", "Berlin"),
        ] {
            let texts = sms[phone] ?? []
            #expect(texts.count == 2)
            #expect(texts.first == "Thank you for your order, \(name).")
            #expect(fine(city).contains(texts.last ?? ""))
        }
        #expect(
            sms["+33 1 46"] == [
                "Thank you for your order, Eve.", "Your parcel is late, Eve. We are looking for it.",
            ])
        #expect(push == ["42": ["Order A"], "43": ["Order B"], "44": ["Order C"], "45": ["Order D"]])
        try await story(suite)
        try await audience(suite)
        await suite.close()
    }

    /// Three subscribe and become members of the audience by that; everyone in it hears of a price.
    private func audience(_ suite: SojournSuite) async throws {
        let members = [("43", "+49 30 43", "Ben"), ("44", "+82 2 44", "Chloe"), ("46", "+33 1 46", "Eve")]
        for (id, phone, name) in members {
            try await suite.call(
                .dataSourceFetching, "profiles.upsert",
                ["namespace": "crmId", "id": .string(id), "attributes": ["consents": ["email": true]]])
            try await eventually(within: .seconds(20), "\(name) is welcomed") {
                try await Self.received(suite, "sms")[phone]?.last == "Thank you for subscribing, \(name)."
            }
        }
        let dropped: JSONValue = [
            "_id": "price-1", "timestamp": .string(Date().ISO8601Format()), "eventType": "commerce.priceDropped",
            "product": ["name": "The blue umbrella"], "price": 19.9,
        ]
        try await suite.call(.eventIngestion, "ingest.send", ["event": dropped])
        try await eventually(within: .seconds(20), "everyone in the audience is told") {
            let texts = try await Self.received(suite, "sms")
            return members.allSatisfy { texts[$0.1]?.last == "The blue umbrella costs less now, \($0.2)." }
        }
        let told = try await Self.received(suite, "sms").values.joined().filter { $0.contains("umbrella") }
        #expect(told.count == members.count)
    }

    /// What is on record of customer 42.
    private func story(_ suite: SojournSuite) async throws {
        var steps: [JSONValue] = []
        try await eventually("the whole story of 42 is stored") {
            steps = try await suite.all(
                .journeyReporting, "stepEvents.query", filter: ["namespace": "crmId", "profile": "42"])
            return steps.contains { $0["kind"] == "left" }
        }
        #expect(steps.map { $0["step"]?.integerValue ?? 0 } == Array(1...Int64(steps.count)))
        #expect(Set(steps.map { $0["instance"]?.stringValue ?? "" }).count == 1)
        let times = steps.compactMap { $0["at"]?.stringValue }
        #expect(times == times.sorted())
        #expect(steps.first?["kind"] == "entered" && steps.last?["kind"] == "left")
        #expect(steps.last?["status"] == "finished")
        let nodes = steps.filter { $0["kind"] == "node" }.compactMap { $0["node"]?.stringValue }
        let thanks = nodes.contains("goldDay") ? "goldDay" : "goldEvening"
        #expect(
            nodes == ["placed", "value", "hour", thanks, "parcel", "arrived", "pause", "weather", "indoors", "done"])
        #expect(steps.contains { $0["node"] == "value" && $0["path"] == "gold and large" })
        #expect(steps.contains { $0["kind"] == "fetch" && $0["node"] == "weather" })
        #expect(steps.count { $0["kind"] == "attempt" } == 3)

        let trace = try await suite.sojourn("trace", "42")
        #expect(trace.status == 0)
        let lines = trace.output.split(separator: "\n")
        #expect(lines.count == steps.count)
        #expect(lines.first?.contains("entered") == true && lines.last?.contains("[finished]") == true)
    }

    private static func event(_ type: String, _ customer: String, _ order: String, _ total: Int64?) -> JSONValue {
        var details: JSONObject = ["id": .string(order)]
        if let total { details["total"] = .integer(total) }
        return [
            "_id": .string("\(order)-\(type)"), "timestamp": .string(Date().ISO8601Format()),
            "eventType": .string(type), "customer": ["id": .string(customer)], "order": .object(details),
        ]
    }

    /// The texts that a demo partner received by recipient, oldest first.
    private static func received(_ suite: SojournSuite, _ partner: String) async throws -> [String: [String]] {
        let answer = try await suite.send(.demoPartners, "/\(partner)/received?limit=200", .get)
        var texts: [String: [String]] = [:]
        for item in (answer.json["received"]?.arrayValue ?? []).reversed() {
            texts[item["to"]?.stringValue ?? "", default: []].append(item["text"]?.stringValue ?? "")
        }
        return texts
    }
}
