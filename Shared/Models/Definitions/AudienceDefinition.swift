/// People for whom a rule over the profile holds:
/// `{"name":"goldCustomers","rule":"loyalty.tier == \"gold\"","announce":false}`.
package struct AudienceDefinition: Definition, Hashable {
    package static let kind = "audiences"

    package let name: String
    package let description: String?
    /// A boolean expression over the profile, in which a bare path is `#{profile.path}`.
    package let rule: String
    /// Whether those who enter or leave by the evaluation of a new or changed rule are told to journeys.
    package let announce: Bool
    /// Grows by every change of the rule, and of nothing else; kept by Sojourn.
    package let ruleRevision: Int64
    package let revision: Int64
    package let document: JSONObject

    package init(_ document: JSONObject) throws(InvalidDocument) {
        var reader = ObjectReader(document)
        name = reader.name()
        description = reader.string("description", lengthMax: 4_096)
        rule = reader.requiredString("rule", lengthMax: 16_384)
        announce = reader.bool("announce") ?? false
        ruleRevision = reader.integer("ruleRevision", in: 0...Int64.max) ?? 0
        reader.refuseUnknown()
        revision = document["revision"]?.integerValue ?? 0
        self.document = document
        _ = try reader.finish(())
    }
}
