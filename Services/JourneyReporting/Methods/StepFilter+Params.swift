import Expressions
import JSONRPC
import Models

extension StepFilter {
    /// The parameter `filter` of the methods that read step events.
    static let parameter = RPCParameter.optional(
        "filter",
        .object([
            ("namespace", .string), ("profile", .string), ("journey", .string), ("version", .integer),
            ("instance", .string), ("stimulus", .string), ("node", .string), ("kind", .string), ("status", .string),
            ("code", .string), ("run", .string), ("from", .timestamp), ("to", .timestamp),
        ]), "Each member given must hold; from is included, to is not.")

    init(params: JSONObject) throws(RPCError) {
        let members = params["filter"] ?? .null
        self.init()
        namespace = members["namespace"]?.stringValue?.composed
        profile = members["profile"]?.stringValue?.composed
        journey = members["journey"]?.stringValue
        version = members["version"]?.integerValue
        instance = members["instance"]?.stringValue
        stimulus = members["stimulus"]?.stringValue
        node = members["node"]?.stringValue
        kind = members["kind"]?.stringValue
        status = members["status"]?.stringValue
        code = members["code"]?.stringValue
        run = members["run"]?.stringValue
        from = try Self.time(members["from"], "/filter/from")
        to = try Self.time(members["to"], "/filter/to")
    }

    /// Milliseconds since 1970 of a time in params; nil where it is absent.
    static func time(_ value: JSONValue?, _ path: String) throws(RPCError) -> Int64? {
        guard let text = value?.stringValue else { return nil }
        guard let time = ISO8601.parseDateTime(text) else {
            throw .invalidParams(path: path, message: "is no ISO 8601 time with zone or offset")
        }
        return time.instant
    }
}

extension StepCursor {
    /// The parameter `cursor`; nil where it is absent.
    static func read(_ params: JSONObject) throws(RPCError) -> StepCursor? {
        guard let text = params["cursor"]?.stringValue else { return nil }
        guard let cursor = StepCursor(text) else {
            throw .invalidParams(path: "/cursor", message: "is none that this method gave")
        }
        return cursor
    }
}
