/// The codes of a JSON-RPC error: those of the specification and those of Sojourn.
package enum RPCErrorCode: Int, Sendable, CaseIterable {
    case parseError = -32700
    case invalidRequest = -32600
    case methodNotFound = -32601
    case invalidParams = -32602
    case internalError = -32603
    case unauthorized = -32001
    case forbidden = -32003
    case notFound = -32004
    case staleRevision = -32009
    case inUse = -32010
    case notValidInThisState = -32011
    case journeyInvalid = -32012
    case expressionError = -32013
    case tooMuch = -32029
    case unavailable = -32030

    /// What the code means, as the discovery document says it.
    package var meaning: String {
        switch self {
        case .parseError: "The request is not JSON."
        case .invalidRequest: "The request is no JSON-RPC 2.0 request."
        case .methodNotFound: "There is no such method."
        case .invalidParams: "The parameters are not valid; data.problems says where and why."
        case .internalError: "Something went wrong inside; data.reference finds it in the log."
        case .unauthorized: "The credentials are missing or wrong."
        case .forbidden: "The credentials lack the scope that this method needs."
        case .notFound: "There is no such object."
        case .staleRevision: "The object was changed since the revision given."
        case .inUse: "The object is in use; data.usedIn says where."
        case .notValidInThisState: "This cannot be done in the present state."
        case .journeyInvalid: "The journey is not valid; data.findings says why."
        case .expressionError: "The expression is wrong; data says where."
        case .tooMuch: "Too much at once; try again after data.retryAfterMs."
        case .unavailable: "Something that this needs is away; try again."
        }
    }
}
