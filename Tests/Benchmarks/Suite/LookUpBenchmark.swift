import Foundation
import Models

/// The standard journey with its condition on an external source instead of the profile, asked anew for each journey.
struct LookUpBenchmark {
    let options: BenchOptions

    private static let condition =
        ##"#{loyalty.account.tier, params: {memberId: @event{orderPlaced.customer.id}}} == "gold""##

    private var people: Int { options.warmUp + options.seconds * options.peoplePerSecond }

    private static func source(_ receiver: String) -> JSONValue {
        [
            "name": "loyalty", "authentication": ["type": "none"],
            "groups": [
                [
                    "name": "account", "method": "GET", "url": .string(receiver + "/v1/members/{memberId}"),
                    "parameters": ["memberId"], "sample": ["tier": "gold", "points": 120], "timeout": "PT30S",
                ]
            ],
        ]
    }

    /// Its look-ups may wait as long as the load makes them wait.
    private static var journey: JSONObject {
        var journey = StandardJourney.journey(condition: condition)
        journey["properties"] = ["reentrance": ["allowed": true, "after": "PT0S"], "timeout": "PT30S"]
        return journey
    }

    func run() async throws -> Report {
        say("starting the suite and loading \(people) profiles")
        let running = try await RunningStandard.start(
            options, people: people, journey: Self.journey
        ) { suite, receiver in
            _ = try await suite.call("data-source-fetching", "dataSources.create", Self.source(receiver))
        }
        return try await running.finishing { try await report(running) }
    }

    private func report(_ running: RunningStandard) async throws -> Report {
        let warm = try await FullSpeed.warmUp(running, 0..<options.warmUp, options)
        let measured = try await FullSpeed.measure(running, options.warmUp..<people, options)
        let total = warm + measured.journeys
        let counts = try await running.counts()
        var report = Report("lookup: one uncached external look-up a journey")
        report.add("journeys/s", Figure.whole(measured.perSecond), target: "≥ 6,000")
        measured.addCosts(to: &report)
        let arrived = running.receiver.count
        report.add("accepted, arrived, calls made", "\(total), \(arrived), \(running.receiver.calls)", target: "equal")
        report.add("look-ups made", "\(running.receiver.lookUps)", target: "= accepted")
        report.add("entered, finished (engine)", "\(counts.entered), \(counts.left)", target: "= accepted")
        report.isSound = [arrived, running.receiver.lookUps, counts.entered, counts.left].allSatisfy { $0 == total }
        report.settings = [
            "appendfsync \(options.fsync), \(options.partitions) partitions, \(options.connections) connections,"
                + " at most \(options.journeysUnderWayMax) journeys under way, \(measured.journeys) people in"
                + " \(Figure.fraction(measured.seconds, 1)) s; source and receiver answer at once"
        ]
        return report
    }
}
