import JSONRPC
import Models

extension RPCError {
    /// What a caller sees of a definition error.
    package init(_ error: DefinitionError) {
        switch error.code {
        case .notFound: self.init(.notFound, error.message)
        case .exists, .stale:
            var data: JSONObject = [:]
            if let revision = error.currentRevision { data["revision"] = .integer(revision) }
            self.init(.staleRevision, error.message, data: data)
        case .inUse:
            var data: JSONObject = ["usedIn": .array(error.usedIn.map(\.json))]
            if !error.problems.isEmpty { data["problems"] = .array(error.problems.map(\.json)) }
            self.init(.inUse, error.message, data: data)
        case .invalid:
            self.init(
                .invalidParams, error.message, data: ["problems": .array(error.problems.map(\.json))])
        case .tooMany: self.init(.tooMuch, error.message, data: ["retryAfterMs": 60_000])
        case .deployment, .sealing: self.init(.notValidInThisState, error.message)
        case .unavailable: self.init(.unavailable, error.message, cause: error)
        }
    }

    /// Runs the body and turns its definition errors into those of JSON-RPC.
    package static func from<Value>(
        _ body: () async throws(DefinitionError) -> Value
    ) async throws(RPCError) -> Value {
        do { return try await body() } catch { throw RPCError(error) }
    }
}
