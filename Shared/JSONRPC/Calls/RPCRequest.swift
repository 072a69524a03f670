import Models

/// One call as it was sent.
struct RPCRequest: Sendable, Hashable {
    let method: String
    let params: RPCParams?
    /// nil in a notification, which is never answered.
    let id: RPCIdentifier?
}

/// What a request's body turned out to be.
package enum RPCMessage: Sendable {
    /// One member; a nil request is none that JSON-RPC knows.
    case single(RPCMember)
    case batch([RPCMember])
    /// Nothing of it is carried out; one answer with the id null.
    case refused(RPCError)
}

/// One request of a message, or why it is none.
package enum RPCMember: Sendable {
    case call(RPCCall)
    case invalid(RPCError)
}

/// A well-formed request, opaque outside of this module.
package struct RPCCall: Sendable {
    let request: RPCRequest
}

extension RPCMessage {
    /// Members of a batch at most.
    package static let membersMax = 1_000

    /// Reads a body strictly: JSON as ``JSONValue`` has it, then JSON-RPC 2.0.
    package static func read(_ bytes: UnsafeRawBufferPointer) -> RPCMessage {
        let document: JSONValue
        do {
            document = try JSONValue.parse(bytes)
        } catch {
            return .refused(
                RPCError(
                    .parseError, "The request is not JSON: \(error.reason.rawValue) (byte \(error.offset)).",
                    data: ["offset": JSONValue(error.offset)]))
        }
        var spelt: [[UInt8]?]?
        func identifier(_ place: Int) -> [UInt8]? {
            if spelt == nil { spelt = IdentifierScanner.identifiers(in: bytes) }
            return spelt.flatMap { $0.indices.contains(place) ? $0[place] : nil }
        }
        guard let members = document.arrayValue else {
            return .single(RPCMember.read(document) { identifier(0) })
        }
        if members.isEmpty { return .refused(RPCError(.invalidRequest, "The batch is empty.")) }
        if members.count > membersMax {
            return .refused(RPCError(.invalidRequest, "The batch has more than \(membersMax) members."))
        }
        return .batch(members.enumerated().map { place, member in RPCMember.read(member) { identifier(place) } })
    }
}

extension RPCMember {
    /// - Parameter spelling: the text of the `id` in the bytes, asked only where the value does not tell it.
    static func read(_ value: JSONValue, spelling: () -> [UInt8]?) -> RPCMember {
        guard let object = value.objectValue else {
            return invalid("A request is an object, not \(value.typeName).")
        }
        guard object["jsonrpc"] == "2.0" else { return invalid("The member jsonrpc must be \"2.0\".") }
        guard let method = object["method"]?.stringValue else { return invalid("The member method must be a string.") }
        var id: RPCIdentifier?
        if let value = object["id"] {
            guard RPCIdentifier.mayBe(value) else { return invalid("The member id must be a string, number or null.") }
            id = RPCIdentifier(exactly: value) ?? RPCIdentifier(text: spelling() ?? value.bytes)
        }
        let params: RPCParams?
        switch object["params"] {
        case nil: params = nil
        case .object(let named): params = .byName(named)
        case .array(let values): params = .byPosition(values)
        default: return invalid("The member params must be an array or an object.")
        }
        return .call(RPCCall(request: RPCRequest(method: method, params: params, id: id)))
    }

    private static func invalid(_ sentence: String) -> RPCMember { .invalid(RPCError(.invalidRequest, sentence)) }
}
