/// What is known of a person, as `{sj:P}:profile:<person>` holds it:
/// `{"namespace":"crmId","id":"42","attributes":{…},"revision":3,"updatedAt":ms}`.
package struct ProfileDocument: Sendable, Hashable {
    /// Bytes of a person's profile.
    package static let bytesMax = 256 << 10

    package let person: Person
    package var attributes: JSONObject
    package var revision: Int64
    /// Milliseconds since 1970.
    package var updatedAt: Int64

    package init(person: Person, attributes: JSONObject, revision: Int64, updatedAt: Int64) {
        self.person = person
        self.attributes = attributes
        self.revision = revision
        self.updatedAt = updatedAt
    }

    package init(bytes: [UInt8]) throws(MalformedElement) {
        let value: JSONValue
        do { value = try JSONValue.parse(bytes) } catch { throw MalformedElement(error.description) }
        let reader = try ElementReader(value)
        person = Person(namespace: try reader.string("namespace"), id: try reader.string("id"))
        attributes = try reader.object("attributes")
        revision = try reader.integer("revision")
        updatedAt = try reader.integer("updatedAt")
    }

    package var bytes: [UInt8] {
        var writer = ElementWriter()
        writer.add("namespace", person.namespace)
        writer.add("id", person.id)
        writer.add("attributes", attributes)
        writer.add("revision", revision)
        writer.add("updatedAt", updatedAt)
        return writer.finish()
    }
}
