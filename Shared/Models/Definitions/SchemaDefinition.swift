/// The shape of events or profiles: `{"name":"order","kind":"event","schema":{…JSON Schema 2020-12…}}`.
package struct SchemaDefinition: Definition, Hashable {
    package enum Kind: String, Sendable, CaseIterable {
        case event, profile
    }

    package static let kind = "schemas"

    package let name: String
    package let subject: Kind
    package let description: String?
    package let schema: JSONValue
    package let revision: Int64
    package let document: JSONObject

    package init(_ document: JSONObject) throws(InvalidDocument) {
        var reader = ObjectReader(document)
        let name = reader.name()
        let subject = reader.choice("kind", Kind.self) ?? .event
        let description = reader.string("description", lengthMax: 4_096)
        let schema = reader.required("schema") { $0.value("schema") } ?? .null
        switch schema {
        case .object, .bool, .null: break
        default: reader.report("schema", "must be a JSON Schema: an object, true or false")
        }
        reader.refuseUnknown()
        self.name = name
        self.subject = subject
        self.description = description
        self.schema = schema
        revision = document["revision"]?.integerValue ?? 0
        self.document = document
        _ = try reader.finish(())
    }
}
