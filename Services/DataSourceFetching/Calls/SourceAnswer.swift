import HTTPClient
import Models
import Outbound

/// Reads what a third party answered.
enum SourceAnswer {
    /// The group's fields, all that came.
    static func data(_ response: HTTPResponse) throws(LookupFailure) -> JSONValue {
        guard (200..<300).contains(response.status) else { throw LookupFailure("http_\(response.status)") }
        guard let data = try? JSONValue.parse(response.body) else { throw .invalidResponse }
        return data
    }

    /// Only what lies at or below the paths.
    static func restricted(_ data: JSONValue, to fields: [String]) throws(LookupFailure) -> JSONValue {
        guard let kept = FieldSelection(fields).kept(data) else { throw .responseTooLarge }
        return kept
    }
}
