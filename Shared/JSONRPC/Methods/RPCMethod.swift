import Logging
import Models

/// One named parameter of a method; its place in the list is its position where params are an array.
package struct RPCParameter: Sendable {
    package let name: String
    package let schema: RPCSchema
    package let summary: String
    package let isRequired: Bool

    package static func required(_ name: String, _ schema: RPCSchema, _ summary: String) -> RPCParameter {
        RPCParameter(name: name, schema: schema, summary: summary, isRequired: true)
    }

    package static func optional(_ name: String, _ schema: RPCSchema, _ summary: String) -> RPCParameter {
        RPCParameter(name: name, schema: schema, summary: summary, isRequired: false)
    }

    /// The parameter as a change takes it: left out it stays as it is, and null, which reaches the method, removes it.
    package var removable: RPCParameter { .optional(name, .nullable(schema), summary) }
}

/// A call that works, with its answer, for readers of the discovery document.
package struct RPCExample: Sendable {
    package let name: String
    package let params: JSONObject
    package let result: JSONValue

    package init(_ name: String = "example", params: JSONObject, result: JSONValue) {
        self.name = name
        self.params = params
        self.result = result
    }
}

/// What happens to params that the method does not declare.
package enum UnknownParams: Sendable {
    /// Each is a problem of −32602.
    case refused
    /// The method reads and refuses them itself, such as the fields of a definition.
    case passedOn
}

/// How members of one batch that call the method run.
package enum BatchOrder: Sendable {
    /// Side by side with neighbours of the same kind.
    case together
    /// After all members before, and before all members after.
    case inOrder
}

/// What a method knows of its caller.
package struct RPCContext: Sendable {
    package let principal: Principal
    package let method: String
    package let logger: Logger
    private let peer: Peer

    package init(principal: Principal, method: String, logger: Logger, peer: Peer) {
        self.principal = principal
        self.method = method
        self.logger = logger
        self.peer = peer
    }

    /// The caller's IP address, where it is known.
    package var remoteAddress: String? { peer.text }
}

/// One method: what the discovery document says of it and what runs when it is called.
package struct RPCMethod: Sendable {
    package typealias Handler = @Sendable (RPCContext, JSONObject) async throws(RPCError) -> JSONValue

    package let name: String
    package let summary: String
    package let description: String?
    /// What the caller's credentials must allow; nil where any caller with credentials may.
    package let scope: Scope?
    package let params: [RPCParameter]
    package let unknownParams: UnknownParams
    package let result: RPCSchema
    package let errors: [RPCErrorCode]
    package let example: RPCExample
    package let batchOrder: BatchOrder
    package let handler: Handler
    let shapes: [ParameterShape]

    /// - Parameters:
    ///   - errors: those of Sojourn that this method answers, beyond the ones that every method may.
    ///   - batchOrder: unless given, methods that only read run together and all others in order.
    ///   - handler: gets the params as an object, mapped and checked; a ``RPCSchema/cursor`` as it wrote it itself.
    package init(
        _ name: String, summary: String, description: String? = nil, scope: Scope?, params: [RPCParameter] = [],
        unknownParams: UnknownParams = .refused, result: RPCSchema, errors: [RPCErrorCode] = [],
        example: RPCExample, batchOrder: BatchOrder? = nil, handler: @escaping Handler
    ) {
        self.name = name
        self.summary = summary
        self.description = description
        self.scope = scope
        self.params = params
        self.unknownParams = unknownParams
        self.result = result
        self.errors = errors
        self.example = example
        self.batchOrder = batchOrder ?? (scope == .read ? .together : .inOrder)
        self.handler =
            PageCursor.isTaken(by: params) ? PageCursor.sealing(handler, of: name, params: params) : handler
        shapes = params.map { ParameterShape($0.schema.json) }
    }
}
