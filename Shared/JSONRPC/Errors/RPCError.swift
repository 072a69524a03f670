import Models

/// An error as a JSON-RPC answer carries it.
///
/// Everything but ``cause`` is sent to the caller; the cause goes to the log alone, and only for
/// ``RPCErrorCode/internalError`` and ``RPCErrorCode/unavailable``.
package struct RPCError: Error, Sendable {
    package let code: RPCErrorCode
    /// One sentence for the caller.
    package let message: String
    package let data: JSONObject?
    package let cause: (any Error)?

    package init(
        _ code: RPCErrorCode, _ message: String, data: JSONObject? = nil, cause: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.data = data
        self.cause = cause
    }

    /// `{code, message, data?}`
    package var json: JSONValue {
        var object = JSONObject([("code", JSONValue(code.rawValue)), ("message", .string(message))])
        if let data { object["data"] = .object(data) }
        return .object(object)
    }
}

extension RPCError {
    /// −32602 with `data.problems`; paths are JSON pointers into the params as an object.
    package static func invalidParams(_ problems: [Problem]) -> RPCError {
        RPCError(
            .invalidParams, "The parameters are not valid: \(problems.first?.description ?? "unknown").",
            data: ["problems": .array(problems.map(\.json))])
    }

    package static func invalidParams(path: String, message: String) -> RPCError {
        invalidParams([Problem(path: path, message: message)])
    }

    package static func invalidParams(_ document: InvalidDocument) -> RPCError {
        invalidParams(document.problems)
    }

    /// −32004; `what` names what is missing, such as `journey "welcome"`.
    package static func notFound(_ what: String) -> RPCError {
        RPCError(.notFound, "There is no \(what).")
    }

    package static func forbidden(_ scope: Scope) -> RPCError {
        RPCError(.forbidden, "This needs the scope \(scope.rawValue).", data: ["scope": .string(scope.rawValue)])
    }

    /// −32009; `data.revision` is the one to read the object at before trying again.
    package static func staleRevision(current: Int64) -> RPCError {
        RPCError(
            .staleRevision, "The object was changed meanwhile; it is at revision \(current) now.",
            data: ["revision": .integer(current)])
    }

    package static func inUse(by users: [JSONValue], _ message: String) -> RPCError {
        RPCError(.inUse, message, data: ["usedIn": .array(users)])
    }

    package static func notValidInThisState(_ message: String) -> RPCError {
        RPCError(.notValidInThisState, message)
    }

    /// −32012; findings as `journeys.validate` answers them.
    package static func journeyInvalid(findings: [JSONValue]) -> RPCError {
        RPCError(
            .journeyInvalid, "The journey has errors; data.findings lists them.", data: ["findings": .array(findings)])
    }

    /// −32013; line and column count from 1.
    package static func expressionError(
        line: Int, column: Int, message: String, suggestion: String? = nil
    ) -> RPCError {
        var data: JSONObject = [
            "line": JSONValue(line), "column": JSONValue(column), "message": .string(message),
        ]
        if let suggestion { data["suggestion"] = .string(suggestion) }
        return RPCError(.expressionError, "The expression is wrong at \(line):\(column): \(message)", data: data)
    }

    /// −32029: nothing was done; the same request may be sent again after the time.
    package static func tooMuch(retryAfterMilliseconds: Int64, _ message: String) -> RPCError {
        RPCError(.tooMuch, message, data: ["retryAfterMs": .integer(retryAfterMilliseconds)])
    }

    /// −32030: the outcome may be unknown where something was being written.
    package static func unavailable(_ message: String, cause: (any Error)? = nil) -> RPCError {
        RPCError(.unavailable, message, cause: cause)
    }

    /// −32603; the dispatcher logs the cause under a reference and sends only the reference.
    package static func internalError(cause: any Error) -> RPCError {
        RPCError(.internalError, "Something went wrong inside.", cause: cause)
    }
}
