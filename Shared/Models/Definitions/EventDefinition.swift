/// A kind of event that journeys may listen to.
///
/// `{"name":"orderPlaced","schema":"order","type":"rule","rule":"@event{orderPlaced.eventType} == \"commerce.order\"",
/// "namespace":"crmId","key":"@event{orderPlaced.customer.id}","fields":["order.total"],"keepInProfile":true}`
package struct EventDefinition: Definition, Hashable {
    package enum Recognition: String, Sendable, CaseIterable {
        /// By the event id that Sojourn made and senders put into `_experience.campaign.orchestration.eventID`.
        case system
        /// By a boolean expression over the payload.
        case rule
    }

    package static let kind = "events"
    /// Letters that a name may have.
    package static let nameLengthMax = 30

    package let name: String
    package let description: String?
    package let schema: String
    package let recognition: Recognition
    /// Concerns no person: starts a journey that goes on with an audience.
    package let isBusiness: Bool
    package let rule: String?
    /// Of a system-generated event: what senders put into the payload. Made on creation.
    package let eventID: String?
    package let namespace: String
    /// An expression over the event that gives the person's id.
    package let key: String
    /// Paths that journeys may read, as `order.total`; each takes everything below it along. Empty: all.
    package let fields: [String]
    package let keepInProfile: Bool
    package let revision: Int64
    package let document: JSONObject

    /// Whether its events are kept with their person: a business event has none.
    package var isKept: Bool { keepInProfile && !isBusiness }

    package init(_ document: JSONObject) throws(InvalidDocument) {
        var reader = ObjectReader(document)
        name = reader.name(lengthMax: Self.nameLengthMax)
        description = reader.string("description", lengthMax: 4_096)
        schema = reader.requiredString("schema")
        recognition = reader.choice("type", Recognition.self) ?? .rule
        isBusiness = reader.bool("business") ?? false
        rule = reader.string("rule", lengthMax: 16_384)
        eventID = reader.string("eventID", lengthMax: 128)
        namespace = reader.string("namespace", lengthMax: 64) ?? ""
        key = reader.string("key", lengthMax: 16_384) ?? ""
        fields = reader.strings("fields", countMax: 1_000) ?? []
        keepInProfile = reader.bool("keepInProfile") ?? false
        if recognition == .rule, rule == nil { reader.report("rule", "is required for an event of type rule") }
        if !isBusiness {
            if namespace.isEmpty { reader.report("namespace", "is required, as the event concerns a person") }
            if key.isEmpty { reader.report("key", "is required, as the event concerns a person") }
        }
        reader.refuseUnknown()
        revision = document["revision"]?.integerValue ?? 0
        self.document = document
        _ = try reader.finish(())
    }
}
