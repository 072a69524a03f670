import Models

/// The `id` of a request as the JSON text that is echoed: `1.0` stays `1.0`, and no digit is lost.
struct RPCIdentifier: Sendable, Hashable {
    let text: [UInt8]

    static let null = RPCIdentifier(text: Array("null".utf8))

    init(text: [UInt8]) { self.text = text }

    /// The identifier, where this value may be one and its text follows from it; a number whose text may have
    /// been another answers nil, and the request's bytes must be read again.
    init?(exactly value: JSONValue) {
        switch value {
        case .null, .string, .exact: text = value.bytes
        case .integer(let number) where number != 0: text = value.bytes
        default: return nil
        }
    }

    static func mayBe(_ value: JSONValue) -> Bool {
        switch value {
        case .null, .string, .exact, .integer, .decimal: true
        case .bool, .array, .object: false
        }
    }
}
