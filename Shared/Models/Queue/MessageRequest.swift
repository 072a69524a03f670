/// Asks `action-dispatch` to send a message. Like an action's request it holds all that the message is made of, and its
/// outcome is an action's.
package struct MessageRequest: Sendable, Hashable {
    package enum Channel: String, Sendable, CaseIterable {
        case email, sms, push
    }

    package let id: String
    package let origin: RequestOrigin
    package let channel: Channel
    /// The name of a template; nil where the content is given.
    package let template: String?
    /// As the journey has it, where there is no template.
    package let content: JSONObject?
    package let parameters: JSONObject
    /// For all attempts together, counted from the first.
    package let timeoutMilliseconds: Int64

    package init(
        id: String, origin: RequestOrigin, channel: Channel, template: String?, content: JSONObject?,
        parameters: JSONObject, timeoutMilliseconds: Int64
    ) {
        self.id = id
        self.origin = origin
        self.channel = channel
        self.template = template
        self.content = content
        self.parameters = parameters
        self.timeoutMilliseconds = timeoutMilliseconds
    }

    init(_ reader: ElementReader) throws(MalformedElement) {
        id = try reader.string("id")
        origin = try RequestOrigin(reader)
        guard let channel = Channel(rawValue: try reader.string("channel")) else {
            throw MalformedElement("there is no such channel")
        }
        self.channel = channel
        template = try reader.optionalString("template")
        content = reader.object["content"]?.objectValue
        parameters = try reader.object("parameters")
        timeoutMilliseconds = try reader.integer("timeoutMs")
    }

    /// The element as it is pushed by the engine's commit.
    package var element: [UInt8] {
        var writer = ElementWriter()
        Request.header(&writer, kind: "message", id: id)
        origin.write(to: &writer)
        writer.add("channel", channel.rawValue)
        if let template { writer.add("template", template) }
        if let content { writer.add("content", content) }
        writer.add("parameters", parameters)
        writer.add("timeoutMs", timeoutMilliseconds)
        return writer.finish()
    }
}
