import JSONRPC
import Models
import ServiceKit

/// `session.*` over a key: who am I, whose key is that, and an end to what a key opened. Browsers use `/session`.
struct SessionMethods: Sendable {
    let sessions: SessionStore
    let authenticator: any Authenticator

    private static let who = RPCSchema.object(
        [("name", .string), ("scopes", .array(of: .choice(Scope.allCases.map(\.rawValue))))],
        required: ["name", "scopes"])
    private static let example: JSONValue = ["name": "admin", "scopes": ["read", "design", "admin", "ingest"]]

    var methods: [RPCMethod] { [whoami, login, logout] }

    private var whoami: RPCMethod {
        RPCMethod(
            "session.whoami", summary: "The name and the scopes of the key that this call was sent with.", scope: nil,
            result: Self.who, example: RPCExample(params: [:], result: Self.example)
        ) { context, _ throws(RPCError) in .object(context.principal.shown) }
    }

    private var login: RPCMethod {
        let authenticator = authenticator
        return RPCMethod(
            "session.login", summary: "Checks a key and tells whose it is and what it may do.",
            description: """
                Every call carries its own credentials, so nothing is opened here and nothing needs to be ended. A \
                browser signs in by POST /session, which gives it a cookie. Wrong keys are answered late.
                """,
            scope: nil, params: [.required("key", ["type": "string", "minLength": 1, "maxLength": 8192], "The key.")],
            result: Self.who, errors: [],
            example: RPCExample(params: ["key": "sk_…"], result: Self.example)
        ) { context, params throws(RPCError) in
            let key = params["key"]?.stringValue?.trimmed ?? ""
            let peer = context.remoteAddress.map { Peer($0) } ?? .unknown
            let credentials = Credentials(authorization: "Bearer \(key)", peer: peer)
            guard let principal = await authenticator.authenticate(credentials) else {
                throw RPCError(.unauthorized, "No such key is known here.")
            }
            return .object(principal.shown)
        }
    }

    private var logout: RPCMethod {
        let sessions = sessions
        return RPCMethod(
            "session.logout", summary: "Signs out every browser that signed in with the caller's name.",
            description: "The key itself stays good; keys.delete ends it. Safe to repeat.", scope: nil,
            result: .object([("ended", .integer)], required: ["ended"]), errors: [.unavailable],
            example: RPCExample(params: [:], result: ["ended": 2]), batchOrder: .inOrder
        ) { context, _ throws(RPCError) in
            do throws(SessionStore.Failure) {
                return ["ended": JSONValue(try await sessions.endAll(of: context.principal.name))]
            } catch { throw .unavailable("The store of sessions is away.", cause: error) }
        }
    }
}
