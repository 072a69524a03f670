import HTTPClient
import Models
import Outbound

/// What a third party answered to a look-up: the group's fields, all that came.
struct SourceData: Sendable, Hashable {
    let value: JSONValue
    /// What is said of it in the step.
    var note: PartnerAnswer.Note?
}

/// Reads what a third party answered.
enum SourceAnswer {
    /// The group's fields. An answer that cannot be read is an error, so that nobody goes a way because a field was
    /// null by accident.
    static func data(_ response: HTTPResponse) throws(LookupFailure) -> SourceData {
        guard (200..<300).contains(response.status) else { throw LookupFailure("http_\(response.status)") }
        switch PartnerAnswer(response) {
        case .json(let value, let repeatsKeys):
            return SourceData(value: value, note: repeatsKeys ? .repeatedKey : nil)
        case .empty: throw .invalidResponse
        case .unreadable(let note): throw LookupFailure(note.rawValue)
        }
    }

    /// Only what lies at or below the paths.
    static func restricted(_ data: JSONValue, to fields: [String]) throws(LookupFailure) -> JSONValue {
        guard let kept = FieldSelection(fields).kept(data) else { throw .responseTooLarge }
        return kept
    }
}
