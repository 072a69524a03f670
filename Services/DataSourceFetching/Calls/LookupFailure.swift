import HTTPClient
import Models
import Outbound

/// Why a look-up has no data: what the instance sees as the look-up's error code.
struct LookupFailure: Error, Sendable, Hashable {
    /// `timedout`, `http_503`, `invalidResponse`, `refusedAddress`, ….
    let code: String
    /// What was answered, where there was an answer.
    let answer: CallAnswer?

    init(_ code: String, answer: CallAnswer? = nil) {
        self.code = code
        self.answer = answer
    }

    static let timedOut = LookupFailure("timedout")
    static let internalError = LookupFailure("internalError")
    static let unknownSource = LookupFailure("unknownSource")
    static let unknownGroup = LookupFailure("unknownGroup")
    static let invalidResponse = LookupFailure("invalidResponse")
    static let responseTooLarge = LookupFailure("responseTooLarge")
    static let circuitOpen = LookupFailure("circuitOpen")
    static let cancelled = LookupFailure("cancelled")

    init(_ error: HTTPError) {
        switch error.code {
        case .timedOut: self = .timedOut
        case .tooLarge: self = .responseTooLarge
        case .cancelled, .closed: self = .cancelled
        default: self.init(error.code.rawValue)
        }
    }

    init(_ problem: CallProblem) { self.init(problem.code.rawValue) }
}
