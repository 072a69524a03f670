import Definitions
import JSONRPC
import Models

/// Journeys compared, and journeys that leave the deployment and come into it: `journeys.diff`, `journeys.export`,
/// `journeys.import`.
struct JourneyExchangeMethods {
    let book: JourneyBook

    func register(in registry: inout MethodRegistry) {
        registry.add(diffMethod)
        registry.add(exportMethod)
        registry.add(importMethod)
    }

    private var diffMethod: RPCMethod {
        let version: RPCSchema = ["anyOf": [["type": "integer"], ["const": "draft"]]]
        return RPCMethod(
            "journeys.diff", summary: "What is different between two versions: by node and field, by property.",
            description: """
                `same` says that both do the same. `nodes` lists nodes added, removed and changed, with the fields \
                that were added, removed, changed or moved among others that have labels; `looks` labels and \
                positions. Fields are JSON pointers into the node, or into the properties.
                """,
            scope: .read,
            params: [
                .required("name", .name, "The journey's name."),
                .optional("from", version, "A version, or draft; by default the one before `to`."),
                .optional("to", version, "A version, or draft; by default the draft, or the newest version."),
            ],
            result: .object(
                [
                    ("from", version), ("to", version), ("same", .boolean), ("properties", .array(of: .object)),
                    ("nodes", .array(of: .object)), ("looks", .array(of: .object)), ("description", .object),
                ], required: ["from", "to", "same", "properties", "nodes", "looks"]),
            errors: [.notFound],
            example: RPCExample(
                params: ["name": "welcome", "from": 1, "to": 2],
                result: [
                    "from": 1, "to": 2, "same": false, "properties": [],
                    "nodes": [
                        [
                            "node": "rest", "change": "changed", "type": "wait",
                            "fields": [["field": "/for", "change": "changed", "from": "P1D", "to": "P2D"]],
                        ]
                    ], "looks": [],
                ])
        ) { _, params throws(RPCError) in
            let record = try await book.record(params["name"]?.stringValue ?? "")
            let to = try Self.document(params["to"], of: record) ?? Self.newest(record)
            let given = try Self.document(params["from"], of: record)
            let from = if let given { given } else { try Self.before(to.version, of: record) }
            var answer: JSONObject = ["from": from.version, "to": to.version]
            answer.merge(JourneyDifference(from: from.document, to: to.document).json)
            return .object(answer)
        }
    }

    private typealias Named = (version: JSONValue, document: JSONObject)

    private static func document(_ version: JSONValue?, of record: JourneyRecord) throws(RPCError) -> Named? {
        guard let version else { return nil }
        if version == "draft" {
            guard let draft = record.draft else { throw .notFound("draft of the journey \(record.name)") }
            return (version, draft)
        }
        guard let number = version.integerValue, let found = record.version(number) else {
            throw .notFound("version \(version.text) of the journey \(record.name)")
        }
        return (version, found.document)
    }

    private static func newest(_ record: JourneyRecord) -> Named {
        if let draft = record.draft { return ("draft", draft) }
        let newest = record.versions.last
        return (.integer(newest?.number ?? 0), newest?.document ?? JSONObject())
    }

    private static func before(_ version: JSONValue, of record: JourneyRecord) throws(RPCError) -> Named {
        let found = record.versions.last { older in version.integerValue.map { older.number < $0 } ?? true }
        guard let found else { throw .notFound("version before it of the journey \(record.name)") }
        return (.integer(found.number), found.document)
    }

    private var exportMethod: RPCMethod {
        RPCMethod(
            "journeys.export", summary: "A journey with everything that it needs, for another deployment.",
            description: """
                `documents` are those of config.apply, in the order in which they are applied, the journey last. \
                Secrets are left out and named in `secrets`; `missing` names what the journey uses and nobody has \
                made.
                """,
            scope: .read,
            params: [
                .required("name", .name, "The journey's name."),
                .optional("version", .integer, "By default the draft, or the newest version where there is none."),
            ],
            result: .object(
                [
                    ("journey", .name), ("version", .nullable(.integer)), ("documents", .array(of: .object)),
                    ("secrets", .array(of: .object)), ("missing", .array(of: .object)),
                ], required: ["journey", "documents", "secrets", "missing"]),
            errors: [.notFound],
            example: RPCExample(
                params: ["name": "welcome"],
                result: [
                    "journey": "welcome", "version": 1, "documents": [["journey": ["name": "welcome"]]],
                    "secrets": [["kind": "action", "name": "smsGateway", "path": "/authentication/value"]],
                    "missing": [],
                ])
        ) { _, params throws(RPCError) in
            let record = try await book.record(params["name"]?.stringValue ?? "")
            let chosen = try Self.document(params["version"], of: record) ?? Self.newest(record)
            return try await RPCError.from { () throws(DefinitionError) in
                try await JourneyBundle.export(
                    chosen.document, version: chosen.version.integerValue, from: book.store)
            }
        }
    }

    private var importMethod: RPCMethod {
        RPCMethod(
            "journeys.import", summary: "Makes drafts of a bundle's journeys; what they need must be here.",
            description: """
                The bundle is what journeys.export answers. Its other documents are for the services that own them \
                (config.apply), before this; those that are missing refuse the import and are named. Nothing that \
                exists is changed. `sojourn import` does all of it.
                """,
            scope: .design,
            params: [
                .required("bundle", .object, "What journeys.export answered."),
                .optional("as", .name, "A name for the journey, instead of its own."),
                .optional("dryRun", .boolean, "Only say what would happen, and what is missing."),
            ],
            result: .object(
                [("results", .array(of: .object)), ("missing", .array(of: .object)), ("dryRun", .boolean)],
                required: ["results", "missing", "dryRun"]),
            errors: [.staleRevision],
            example: RPCExample(
                params: ["bundle": ["journey": "welcome", "documents": []], "as": "welcome2", "dryRun": true],
                result: [
                    "results": [["kind": "journey", "name": "welcome2", "result": "created"]], "missing": [],
                    "dryRun": true,
                ])
        ) { context, params throws(RPCError) in
            try await JourneyImport(book: book).run(
                params["bundle"]?.objectValue ?? JSONObject(), as: params["as"]?.stringValue,
                dryRun: params["dryRun"]?.boolValue ?? false, by: Author(context))
        }
    }
}
