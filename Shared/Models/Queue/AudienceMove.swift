/// A person entered or exited an audience.
///
/// `{"kind":"audience","id":"…","namespace":"crmId","person":"42","audience":"gold","change":"entered","chain":2}`
package struct AudienceMove: Sendable, Hashable {
    package let id: String
    package let person: Person
    package let audience: String
    /// Entered or exited, never any.
    package let change: AudienceChange
    /// Its number among the changes that one stimulus caused one from another, from 1.
    package let chain: Int64
    package let run: RunMark?

    package init(
        id: String, person: Person, audience: String, change: AudienceChange, chain: Int64 = 1, run: RunMark? = nil
    ) {
        self.id = id
        self.person = person
        self.audience = audience
        self.change = change
        self.chain = chain
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
        chain = try reader.integer("chain", default: 1)
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
        if chain > 1 { writer.add("chain", chain) }
        writer.add(run)
        return writer.finish()
    }
}
