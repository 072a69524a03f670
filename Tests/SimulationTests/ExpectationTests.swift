import Models
import Simulation
import Testing

@Suite("What a simulation should come to")
struct ExpectationTests {
    static let result: JSONValue = [
        "entered": 100, "left": ["finished": 90], "nodes": ["tier": ["paths": ["gold": 31]]], "seed": 7,
    ]

    @Test(
        "As expected",
        arguments: [
            ["entered": 100], ["left": ["finished": 90]],
            ["nodes": ["tier": ["paths": ["gold": ["min": 20, "max": 40]]]]],
            ["nodes": ["tier": ["paths": ["gold": ["about": 30, "within": 2]]]]], ["left": ["error": 0]],
            ["left": ["error": ["max": 5]]], [:],
        ] as [JSONValue])
    func holds(_ expected: JSONValue) {
        #expect(SimulationExpectation(expected).differences(from: Self.result).isEmpty)
    }

    @Test(
        "A difference says where, what was expected and what was found",
        arguments: [
            (["entered": 99], "/entered: expected 99, found 100"),
            (["left": ["error": 3]], "/left/error: expected 3, found nothing"),
            (
                ["nodes": ["tier": ["paths": ["gold": ["min": 40]]]]],
                "/nodes/tier/paths/gold: expected from 40 to any, found 31"
            ),
            (
                ["nodes": ["tier": ["paths": ["gold": ["about": 50, "within": 5]]]]],
                "/nodes/tier/paths/gold: expected 50 ± 5, found 31"
            ),
            (["nodes": ["other": ["passed": 1]]], "/nodes/other/passed: expected 1, found nothing"),
        ] as [(JSONValue, String)])
    func differs(_ expected: JSONValue, _ text: String) {
        #expect(SimulationExpectation(expected).differences(from: Self.result).map(\.description) == [text])
    }
}
