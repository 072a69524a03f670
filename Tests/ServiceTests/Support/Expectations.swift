import HTTPClient
import Models
import TestKit
import Testing

/// Expects that the call is refused with the code, and gives the refusal.
@discardableResult
func expectRefusal(
    _ code: Int64, sourceLocation: SourceLocation = #_sourceLocation, _ call: () async throws -> JSONValue
) async throws -> JSONValue {
    do {
        let result = try await call()
        Issue.record("answered with \(result.text), not refused with \(code)", sourceLocation: sourceLocation)
        return .null
    } catch let failure as SuiteRPCFailure {
        #expect(failure.code == code, "\(failure)", sourceLocation: sourceLocation)
        return failure.data
    }
}

/// The paths of the problems in an answer of an inlet, sorted.
func paths(_ answer: JSONValue) -> [String] {
    (answer["errors"]?.arrayValue ?? []).compactMap { $0["path"]?.stringValue }.sorted()
}
