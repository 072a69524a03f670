import Models

/// A kind of configuration: which hash holds it, where its secrets are, what is kept of its past.
package struct DefinitionKind: Sendable, Hashable {
    /// Plural: of `{sj:config}:<name>` and of method names, as `dataSources`.
    package let name: String
    /// What a document of `config.apply` calls it, as `dataSource`.
    package let singular: String
    /// Member names down to each secret; `*` at the end: each member of an object. A secret is sealed before it reaches
    /// the store and masked in every answer.
    package let secretPaths: [[String]]
    /// Members that no answer shows and no caller sets; they stay over updates.
    package let hiddenMembers: Set<String>
    /// Revisions of a name that stay readable, the newest included; 0: none but the newest.
    package let historyMax: Int

    package init(
        name: String, singular: String, secretPaths: [[String]] = [], hiddenMembers: Set<String> = [],
        historyMax: Int = 0
    ) {
        self.name = name
        self.singular = singular
        self.secretPaths = secretPaths
        self.hiddenMembers = hiddenMembers
        self.historyMax = historyMax
    }

    /// Documents of one kind; a create beyond them is refused.
    package static let documentsMax = 10_000
    /// Bytes of one document as it is stored.
    package static let documentBytesMax = 2 << 20

    private static let authentication = [
        ["authentication", "password"], ["authentication", "value"], ["authentication", "headers", "*"],
        ["authentication", "body", "bodyParams", "*"],
    ]

    package static let schemas = DefinitionKind(name: "schemas", singular: "schema")
    package static let events = DefinitionKind(name: "events", singular: "event")
    package static let inlets = DefinitionKind(name: "inlets", singular: "inlet", hiddenMembers: ["keyHash"])
    package static let dataSources = DefinitionKind(
        name: "dataSources", singular: "dataSource", secretPaths: authentication)
    /// A queued request names the revision that was in force, so the newest fifty stay.
    package static let actions = DefinitionKind(
        name: "actions", singular: "action", secretPaths: authentication, historyMax: 50)
    package static let audiences = DefinitionKind(
        name: "audiences", singular: "audience", hiddenMembers: ["ruleRevision"])
    package static let journeys = DefinitionKind(name: "journeys", singular: "journey")
}

/// A document as the store keeps it: secrets sealed, with its name and revision inside.
package struct StoredDefinition: Sendable, Hashable {
    package let name: String
    /// From 1; it goes on growing where a name is deleted and made again.
    package let revision: Int64
    package let document: JSONObject

    package init(name: String, revision: Int64, document: JSONObject) {
        self.name = name
        self.revision = revision
        self.document = document
    }
}

/// Who changes something, and from where: for the audit.
package struct Author: Sendable, Hashable {
    package let name: String
    package let address: String?

    package init(name: String, address: String? = nil) {
        self.name = name
        self.address = address
    }
}
