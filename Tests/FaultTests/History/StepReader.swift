import Expressions
import Models
import TestKit

/// Reads every stored step event through `stepEvents.query`, page by page.
enum StepReader {
    /// - Parameter call: calls a method of journey-reporting and gives its result.
    static func read(_ call: (String, JSONValue) async throws -> JSONValue) async throws -> [History.Step] {
        var steps: [History.Step] = []
        var cursor: JSONValue?
        repeat {
            var params: JSONObject = ["limit": 1000]
            params["cursor"] = cursor
            let page = try await call("stepEvents.query", .object(params))
            for item in page["items"]?.arrayValue ?? [] { steps.append(try step(item)) }
            cursor = page["cursor"]
        } while cursor != nil
        return steps
    }

    private static func step(_ item: JSONValue) throws -> History.Step {
        guard let person = item["profile"]?.stringValue, let step = item["step"]?.integerValue,
            let kind = item["kind"]?.stringValue, let stimulus = item["stimulus"]?.stringValue,
            let number = item["number"]?.integerValue,
            let at = item["at"]?.stringValue.flatMap({ ISO8601.parseDateTime($0)?.instant })
        else { throw TestKitError("A step event lacks a member: \(item.text)") }
        return History.Step(
            person: person, instance: item["instance"]?.stringValue, step: step, kind: kind,
            node: item["node"]?.stringValue, status: item["status"]?.stringValue, stimulus: stimulus, at: at,
            number: number, journey: item["journey"]?.stringValue, version: item["version"]?.integerValue)
    }
}
