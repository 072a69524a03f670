/// A person entered or exited an audience.
///
/// `{"kind":"audience","id":"…","namespace":"crmId","person":"42","audience":"gold","change":"entered"}`
package struct AudienceMove: Sendable, Hashable {
    package let id: String
    package let person: Person
    package let audience: String
    /// Entered or exited, never any.
    package let change: AudienceChange
    package let run: RunMark?

    package init(id: String, person: Person, audience: String, change: AudienceChange, run: RunMark? = nil) {
        self.id = id
        self.person = person
        self.audience = audience
        self.change = change
        self.run = run
    }

    init(_ reader: ElementReader, id: String) throws(MalformedElement) {
        self.id = id
        person = try reader.person()
        audience = try reader.string("audience")
        guard let change = AudienceChange(rawValue: try reader.string("change")), change != .any else {
            throw MalformedElement("an audience is entered or exited")
        }
        self.change = change
        run = try RunMark(reader)
    }

    /// The inbox element, without its time.
    package var element: [UInt8] {
        var writer = ElementWriter(capacity: 192)
        writer.add("kind", "audience")
        writer.add("id", id)
        writer.add(person)
        writer.add("audience", audience)
        writer.add("change", change.rawValue)
        writer.add(run)
        return writer.finish()
    }
}
