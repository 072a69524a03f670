import Models
import Simulation

/// A simulation of many people, on one thread.
enum SimulationBenchmark {
    struct Problem: Error, CustomStringConvertible { let description: String }

    private static let people = 100_000
    private static let nodes = 20

    static func run() async throws -> Report {
        var configuration = SimulationConfiguration()
        configuration.events = try ["orderPlaced", "clicked"].map { name in
            try EventDefinition([
                "name": .string(name), "schema": "order", "type": "rule", "rule": "true", "namespace": "crmId",
                "key": "'1'",
            ])
        }
        configuration.actions = [try ActionDefinition(StandardJourney.action(url: "https://gateway.example/"))]
        let world = try configuration.world(for: JourneyDocument(journey))
        var reader = ObjectReader(request)
        let simulation = Simulation(SimulationRequest(&reader), in: world)
        let clock = ContinuousClock()
        let began = clock.now
        let result = try await simulation.run()
        let seconds = (clock.now - began) / .seconds(1)
        guard result.left == ["finished": people] else {
            throw Problem(description: "not everybody finished: \(result.left)")
        }
        var report = Report("simulation")
        report.add(
            "\(Figure.whole(Double(people))) people through \(nodes) nodes, s", Figure.fraction(seconds, 1),
            target: "≤ 10")
        report.add("stimuli and timers/s", Figure.whole(Double(result.handled) / seconds))
        return report
    }

    private static var request: JSONObject {
        [
            "until": "P90D",
            "people": [
                "count": JSONValue(people),
                "attributes": [
                    "phone": ["$text": "+33{number}"], "firstName": ["$choice": ["Ada", "Alan"]],
                    "tier": ["$choice": ["gold", "silver"]],
                ],
            ],
            "events": [
                [
                    "event": "orderPlaced", "after": ["from": "PT0S", "to": "P1D"],
                    "payload": ["order": ["id": ["$text": "o-{person}"], "total": ["$integer": [1, 500]]]],
                ]
            ],
        ]
    }

    /// Conditions, waits, listeners that time out, and actions, one after the other.
    private static var journey: JSONObject {
        var list: [JSONValue] = [["id": "n0", "type": "event", "event": "orderPlaced", "next": "n1"]]
        for number in 1..<nodes - 1 {
            let id = JSONValue.string("n\(number)"), next = JSONValue.string("n\(number + 1)")
            switch number % 6 {
            case 0: list.append(["id": id, "type": "wait", "for": "P1D", "next": next])
            case 3:
                list.append(["id": id, "type": "event", "event": "clicked", "timeout": "PT6H", "next": next])
            case 5:
                list.append([
                    "id": id, "type": "action", "action": "gateway", "next": next,
                    "parameters": [
                        "to": "#{profile.phone}", "text": "concat('Hello ', #{profile.firstName})",
                        "order": "@event{orderPlaced.order.id}",
                    ],
                ])
            default:
                list.append([
                    "id": id, "type": "condition",
                    "paths": [
                        [
                            "label": "gold", "next": next,
                            "when": .string(
                                "#{profile.tier} == 'gold' and @event{orderPlaced.order.total} > \(number)"),
                        ]
                    ], "otherwise": ["next": next],
                ])
            }
        }
        list.append(["id": .string("n\(nodes - 1)"), "type": "end"])
        return ["name": "long", "nodes": .array(list)]
    }
}
