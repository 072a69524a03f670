/// What became of a message after it was handed over: the person opened it, clicked in it, it bounced.
///
/// `{"kind":"reaction","id":"…","namespace":"crmId","person":"42","instance":"4f…","request":"4f…:mail:1",
/// "reaction":"opened","detail":{…}}`
package struct Reaction: Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable {
        case sent, failed, bounced, opened, clicked
    }

    package let id: String
    package let person: Person
    package let instance: String
    /// The id of the message's request.
    package let request: String
    package let reaction: Kind
    /// What is known beside, such as the link that was clicked.
    package let detail: JSONObject?
    package let run: RunMark?

    package init(
        id: String, person: Person, instance: String, request: String, reaction: Kind, detail: JSONObject? = nil,
        run: RunMark? = nil
    ) {
        self.id = id
        self.person = person
        self.instance = instance
        self.request = request
        self.reaction = reaction
        self.detail = detail
        self.run = run
    }

    init(_ reader: ElementReader, id: String) throws(MalformedElement) {
        self.id = id
        person = try reader.person()
        instance = try reader.string("instance")
        request = try reader.string("request")
        guard let reaction = Kind(rawValue: try reader.string("reaction")) else {
            throw MalformedElement("there is no such reaction")
        }
        self.reaction = reaction
        detail = reader.object["detail"]?.objectValue
        run = try RunMark(reader)
    }

    /// The inbox element, without its time.
    package var element: [UInt8] {
        var writer = ElementWriter(capacity: 256)
        writer.add("kind", "reaction")
        writer.add("id", id)
        writer.add(person)
        writer.add("instance", instance)
        writer.add("request", request)
        writer.add("reaction", reaction.rawValue)
        if let detail { writer.add("detail", detail) }
        writer.add(run)
        return writer.finish()
    }
}
