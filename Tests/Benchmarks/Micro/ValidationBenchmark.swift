import Engine
import Models

/// Reading, validating and compiling long journeys, on one thread.
enum ValidationBenchmark {
    struct Problem: Error, CustomStringConvertible { let description: String }

    static func run() throws -> Report {
        let catalogue = Catalogue(
            schemas: [],
            events: try ["orderPlaced", "clicked"].map { name in
                try EventDefinition([
                    "name": .string(name), "schema": "order", "type": "rule", "rule": "true", "namespace": "crmId",
                    "key": "'1'",
                ])
            }, dataSources: [],
            actions: [try ActionDefinition(StandardJourney.action(url: "https://gateway.example/"))])
        var report = Report("validation")
        for (count, target) in [(4, ""), (1_000, "≤ 50"), (10_000, "")] {
            let (reading, compiling) = try milliseconds(nodes: count, catalogue)
            let nodes = Figure.whole(Double(count))
            report.add("validate and compile \(nodes) nodes, ms", Figure.fraction(compiling, 2), target: target)
            report.add("  to parse its JSON before, ms", Figure.fraction(reading, 2))
        }
        report.settings = [
            "processor time of one thread; nodes in a chain: a quarter each waits, listeners with a filter, actions"
                + " with three parameters, conditions"
        ]
        return report
    }

    private static func milliseconds(
        nodes count: Int, _ catalogue: Catalogue
    ) throws -> (reading: Double, compiling: Double) {
        let bytes = JSONValue.object(Self.journey(nodes: count)).bytes
        let object = try JSONValue.parse(bytes).objectValue ?? JSONObject()
        let first = Plan.compile(JourneyDocument(object), version: 1, catalogue: catalogue)
        guard first.plan != nil else { throw Problem(description: "\(first.findings.prefix(3))") }
        let calls = max(1, 4_000 / count)
        let reading = ThreadTime.microseconds(calls: calls) { _ = try? JSONValue.parse(bytes) }
        let compiling = ThreadTime.microseconds(calls: calls) {
            _ = Plan.compile(JourneyDocument(object), version: 1, catalogue: catalogue)
        }
        return (reading / 1_000, compiling / 1_000)
    }

    private static func journey(nodes count: Int) -> JSONObject {
        var nodes: [JSONValue] = [["id": "n0", "type": "event", "event": "orderPlaced", "next": "n1"]]
        for number in 1..<count - 1 {
            let next = number == count - 2 ? "end" : "n\(number + 1)"
            nodes.append(.object(Self.node(number, id: "n\(number)", next: next)))
        }
        nodes.append(["id": "end", "type": "end"])
        return ["name": "long", "nodes": .array(nodes)]
    }

    private static func node(_ number: Int, id: String, next: String) -> JSONObject {
        switch number % 4 {
        case 0: ["id": .string(id), "type": "wait", "for": "PT1M", "next": .string(next)]
        case 1:
            [
                "id": .string(id), "type": "event", "event": "clicked",
                "filter": .string("@event{clicked.order.total} > \(number)"), "next": .string(next),
            ]
        case 2:
            [
                "id": .string(id), "type": "action", "action": "gateway",
                "parameters": [
                    "to": "#{profile.phone}", "text": .string("concat('\(id)', #{profile.firstName})"),
                    "order": "@event{orderPlaced.order.id}",
                ],
                "next": .string(next),
            ]
        default:
            [
                "id": .string(id), "type": "condition",
                "paths": [
                    [
                        "label": "gold", "next": .string(next),
                        "when": .string("#{profile.tier} == 'gold' and @event{orderPlaced.order.total} > \(number)"),
                    ]
                ],
                "otherwise": ["next": .string(next)],
            ]
        }
    }
}
