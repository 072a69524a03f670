import Models
import Testing

@testable import Simulation

@Suite("Generators")
struct GeneratorTests {
    private func made(_ value: JSONValue, number: Int = 1) throws -> JSONValue? {
        var problems: [Problem] = []
        let generator = Generator(value, path: "", &problems)
        try #require(problems.isEmpty)
        var random = SeededRandom(seed: 7, "test", number)
        let subject = Generator.Subject(
            person: "42", number: 3, time: 1_767_225_600_000, profile: ["city": ["name": "Paris"]],
            parameters: ["memberId": "m-1"])
        return generator.value(for: subject, &random)
    }

    @Test(
        "Values are made of the person, the moment and the parameters",
        arguments: [
            (["a": [1, true, "x"]], ["a": [1, true, "x"]]),
            (["$text": "o-{person}-{number}"], "o-42-3"),
            (["$text": "{profile.city.name} {parameter.memberId} {time}"], "Paris m-1 2026-01-01T00:00:00.000Z"),
            (["city": ["$profile": "city.name"]], ["city": "Paris"]),
            (["$parameter": "memberId"], "m-1"), (["$parameter": "other"], nil),
            (["$time": "-P1D"], "2025-12-31T00:00:00.000Z"),
            (["$integer": [5, 5]], 5), (["$boolean": 100], true), (["$boolean": 0], false),
            (["a": ["$optional": 1, "percent": 0]], [:]), (["a": ["$optional": 1, "percent": 100]], ["a": 1]),
            (["$choice": ["a", "b"], "weights": [0, 1]], "b"),
        ] as [(JSONValue, JSONValue)])
    func makes(_ generator: JSONValue, _ value: JSONValue) throws {
        #expect(try made(generator) == value)
    }

    @Test("Numbers lie within their bounds, both of which come")
    func numbers() throws {
        var seen: Set<Int64> = []
        for number in 0..<200 {
            seen.insert(try #require(try made(["$integer": [1, 3]], number: number)?.integerValue))
            let decimal = try #require(try made(["$decimal": [0.5, 1]], number: number)?.decimalValue)
            #expect((0.5...1).contains(decimal))
        }
        #expect(seen == [1, 2, 3])
    }

    @Test(
        "What is no generator is said, with its place",
        arguments: [
            (["$nothing": 1], "/$nothing"), (["a": ["$integer": [3, 1]]], "/a/$integer"),
            (["$text": "{who}"], "/$text"), (["$text": "{person"], "/$text"), (["$boolean": 101], "/$boolean"),
            (["$choice": []], "/$choice"), (["$choice": [1], "weights": [1, 2]], "/weights"),
            (["$time": "tomorrow"], "/$time"), (["$integer": [1, 2], "more": 1], "/more"),
        ] as [(JSONValue, String)])
    func refuses(_ generator: JSONValue, _ path: String) {
        var problems: [Problem] = []
        _ = Generator(generator, path: "", &problems)
        #expect(problems.map(\.path) == [path])
    }
}
