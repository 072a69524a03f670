/// An HTTP address that takes events:
/// `{"name":"web","authentication":"none","events":["orderPlaced"],"origins":["https://shop.example"],
/// "rateLimit":200}`.
package struct InletDefinition: Definition, Hashable {
    package enum Authentication: String, Sendable, CaseIterable {
        case none, apiKey, jwt
    }

    package static let kind = "inlets"

    package let name: String
    /// The part of the address that senders use: `/collection/{id}`. Made on creation.
    package let id: String
    package let description: String?
    package let authentication: Authentication
    /// Names of the events that are taken here; empty: all.
    package let events: [String]
    /// Origins that browsers may send from (CORS); empty: any.
    package let origins: [String]
    /// Requests a second and address, 0 for no limit; only for unauthenticated inlets.
    package let rateLimit: Int64
    /// SHA-256 of the inlet's API key, in hexadecimal.
    package let keyHash: String?
    package let revision: Int64
    package let document: JSONObject

    package init(_ document: JSONObject) throws(InvalidDocument) {
        var reader = ObjectReader(document)
        name = reader.name()
        id = reader.string("id", lengthMax: 64) ?? ""
        description = reader.string("description", lengthMax: 4_096)
        authentication = reader.choice("authentication", Authentication.self) ?? .apiKey
        events = reader.strings("events", countMax: 1_000) ?? []
        origins = reader.strings("origins", countMax: 100) ?? []
        rateLimit = reader.integer("rateLimit", in: 0...1_000_000) ?? 200
        keyHash = reader.string("keyHash")
        reader.refuseUnknown()
        revision = document["revision"]?.integerValue ?? 0
        self.document = document
        _ = try reader.finish(())
    }
}
