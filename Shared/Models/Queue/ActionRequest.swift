/// Asks `action-dispatch` to perform an action. It holds all that the call is made of, so that no attempt differs
/// from the first; its id is the `Idempotency-Key` that the third party sees.
package struct ActionRequest: Sendable, Hashable {
    package let id: String
    package let origin: RequestOrigin
    package let action: String
    /// The revision of the action's definition that was in force when the node was reached.
    package let actionRevision: Int64
    package let parameters: JSONObject
    /// For all attempts together, counted from the first; the action's own time-out goes before it.
    package let timeoutMilliseconds: Int64
    /// Paths of the response that later nodes read, as `a.b`; nothing else comes back.
    package let fields: [String]

    package init(
        id: String, origin: RequestOrigin, action: String, actionRevision: Int64, parameters: JSONObject,
        timeoutMilliseconds: Int64, fields: [String]
    ) {
        self.id = id
        self.origin = origin
        self.action = action
        self.actionRevision = actionRevision
        self.parameters = parameters
        self.timeoutMilliseconds = timeoutMilliseconds
        self.fields = fields
    }

    init(_ reader: ElementReader) throws(MalformedElement) {
        id = try reader.string("id")
        origin = try RequestOrigin(reader)
        action = try reader.string("action")
        actionRevision = try reader.integer("actionRevision")
        parameters = try reader.object("parameters")
        timeoutMilliseconds = try reader.integer("timeoutMs")
        fields = try reader.strings("fields")
    }

    /// The element as it is pushed by the engine's commit.
    package var element: [UInt8] {
        var writer = ElementWriter()
        Request.header(&writer, kind: "action", id: id)
        origin.write(to: &writer)
        writer.add("action", action)
        writer.add("actionRevision", actionRevision)
        writer.add("parameters", parameters)
        writer.add("timeoutMs", timeoutMilliseconds)
        writer.add("fields", fields)
        return writer.finish()
    }
}
