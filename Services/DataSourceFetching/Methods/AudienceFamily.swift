import Audiences
import Definitions
import Expressions
import JSONRPC
import Models
import Queues

/// `audiences.*`: what an audience may be, who uses it, and what follows from a change.
enum AudienceFamily {
    /// - Parameters:
    ///   - announcer: tells the engine, which answers `inAudience` by the same rules.
    ///   - now: milliseconds since 1970.
    static func make(
        store: DefinitionStore, sealing: SecretSealing, book: AudienceBook, evaluations: AudienceEvaluations,
        announcer: Announcer, now: @escaping @Sendable () -> Int64
    ) -> DefinitionFamily<AudienceDefinition> {
        var family = DefinitionFamily(
            AudienceDefinition.self, kind: .audiences, store: store, sealing: sealing, title: "audience",
            members: members, example: example)
        family.complete = { document, old throws(DefinitionError) in
            // A time and no count: an audience that is deleted and made anew must not meet the sets of the old one.
            if old?.rule != document["rule"]?.stringValue {
                document["ruleRevision"] = .integer(max(now(), (old?.ruleRevision ?? 0) + 1))
            }
            return [:]
        }
        family.validate = { new, _, lookup throws(DefinitionError) in
            try await book.refresh()
            return try await AudienceCheck(new, profile: book.profile).problems { name throws(DefinitionError) in
                try await lookup.definition(AudienceDefinition.self, .audiences, name)
            }
        }
        family.usedIn = { name throws(DefinitionError) in
            let journeys = try await store.journeysUsing(.audiences, name)
            try await book.refresh()
            let others = book.rules.sorted.filter { $0.names(name) }.map {
                DefinitionUse(kind: AudienceDefinition.kind, name: $0.audience)
            }
            return journeys + others
        }
        family.written = { name throws(DefinitionError) in
            try await book.refresh()
            if book.rules[name] == nil, book.rules.unusable[name] == nil {
                // Should it stay it does no harm: a new rule is evaluated anyway.
                try? await evaluations.forget(name)
            }
            _ = try await announcer.announce()
        }
        return family
    }

    static let members: [RPCParameter] = [
        .required("name", .name, "The identifier that inAudience(\"name\") and journeys use."),
        .optional("description", .string, "For people."),
        .required(
            "rule", .string, "A boolean expression over the profile; a bare path is a path of the profile."),
        .optional(
            "announce", .boolean,
            "Whether journeys are told who enters or leaves by the evaluation of a new or changed rule."),
    ]

    static let example: JSONObject = ["name": "goldCustomers", "rule": "#{profile.loyalty.tier} == \"gold\""]
}
