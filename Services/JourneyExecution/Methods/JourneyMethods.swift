import Definitions
import Engine
import JSONRPC
import Models

/// `journeys.*`: drafts, validation, publication and life.
struct JourneyMethods {
    let book: JourneyBook

    static let example: JSONObject = [
        "name": "welcome",
        "properties": ["timezone": "UTC"],
        "nodes": [
            ["id": "first", "type": "event", "event": "orderPlaced", "next": "rest"],
            ["id": "rest", "type": "wait", "for": "P1D"],
        ],
    ]

    private static let named: [RPCParameter] = [.required("name", .name, "The journey's name.")]
    private static let exampleResult: JSONValue = [
        "name": "welcome", "revision": 1, "state": "draft", "hasDraft": true, "version": nil, "versions": [],
        "nodes": [], "updatedAt": "2026-01-01T00:00:00.000Z",
    ]

    func register(in registry: inout MethodRegistry) {
        registry.add(drafts)
        registry.add(reading)
        registry.add(life)
    }

    private func author(_ context: RPCContext) -> Author {
        Author(name: context.principal.name, address: context.remoteAddress)
    }

    private var drafts: [RPCMethod] {
        let members: [RPCParameter] = [
            .required("name", .name, "Letters, digits, _ and -; it names the journey for ever."),
            .optional("description", .string, "For people."),
            .optional("properties", .object, "Time zone, re-entrance, limits, exit criteria."),
            .optional("nodes", .array(of: .object), "The activities; a draft may be incomplete."),
        ]
        return [
            RPCMethod(
                "journeys.create", summary: "Makes a journey with a draft.", scope: .design, params: members,
                unknownParams: .passedOn, result: .object, errors: [.staleRevision],
                example: RPCExample(params: Self.example, result: Self.exampleResult)
            ) { context, params throws(RPCError) in
                JourneyView(record: try await book.create(params, by: author(context))).json
            },
            RPCMethod(
                "journeys.update", summary: "Changes the draft; without one it is made of the newest version.",
                description: """
                    With `version` that published version is changed instead: its labels, positions and description \
                    alone, everything else of it is fixed.
                    """,
                scope: .design,
                params: [members[0]] + members.dropFirst().map(\.removable)
                    + [
                        .optional("version", .integer, "A published version instead of the draft."),
                        .optional("revision", .revision, "Of the journey it is based on."),
                    ],
                unknownParams: .passedOn, result: .object,
                errors: [.staleRevision, .notFound, .notValidInThisState],
                example: RPCExample(params: Self.example, result: Self.exampleResult)
            ) { context, params throws(RPCError) in
                let record = try await book.update(params, by: author(context))
                return JourneyView(record: record, version: params["version"]?.integerValue).json
            },
            RPCMethod(
                "journeys.delete", summary: "Deletes a draft, or a journey that has ended.", scope: .design,
                params: Self.named + [.optional("revision", .revision, "Refused when the journey has another.")],
                result: .object, errors: [.notFound, .notValidInThisState, .staleRevision, .inUse],
                example: RPCExample(params: ["name": "welcome"], result: Self.exampleResult)
            ) { context, params throws(RPCError) in
                let name = params["name"]?.stringValue ?? ""
                let revision = params["revision"]?.integerValue
                return JourneyView(record: try await book.delete(name, basedOn: revision, by: author(context))).json
            },
            RPCMethod(
                "journeys.duplicate", summary: "Makes a new journey with the draft or newest version of another.",
                scope: .design, params: Self.named + [.required("as", .name, "The new journey's name.")],
                result: .object, errors: [.notFound, .staleRevision],
                example: RPCExample(params: ["name": "welcome", "as": "welcome2"], result: Self.exampleResult)
            ) { context, params throws(RPCError) in
                let record = try await book.record(params["name"]?.stringValue ?? "")
                let document = JourneyImport.renamed(
                    record.shown ?? JSONObject(), to: params["as"]?.stringValue ?? "")
                return JourneyView(record: try await book.create(document, by: author(context))).json
            },
        ]
    }

    private var reading: [RPCMethod] {
        [
            RPCMethod(
                "journeys.get", summary: "A journey: its draft if there is one, else its newest version.",
                scope: .read, params: Self.named + [.optional("version", .integer, "A published version instead.")],
                result: .object, errors: [.notFound],
                example: RPCExample(params: ["name": "welcome"], result: Self.exampleResult)
            ) { _, params throws(RPCError) in
                let record = try await book.record(params["name"]?.stringValue ?? "")
                let version = params["version"]?.integerValue
                if let version, record.version(version) == nil {
                    throw .notFound("version \(version) of the journey \(record.name)")
                }
                let inside = try await book.counts([record])[0]
                return JourneyView(
                    record: record, version: version, inside: inside, broken: book.broken(record.name)
                ).json
            },
            RPCMethod(
                "journeys.list", summary: "The journeys by name, with their state and how many people are inside.",
                scope: .read,
                params: [
                    .optional("filter", .object([("state", .string)]), "Only journeys of this state."),
                    .optional("cursor", .cursor, "Where the page before ended."),
                    .optional("limit", .limit, "Items a page."),
                ], result: .page(of: .object),
                example: RPCExample(params: [:], result: ["items": [Self.exampleResult]])
            ) { _, params throws(RPCError) in try await list(params) },
            RPCMethod(
                "journeys.versions", summary: "The published versions, oldest first.", scope: .read,
                params: Self.named, result: .page(of: .object), errors: [.notFound],
                example: RPCExample(params: ["name": "welcome"], result: ["items": []])
            ) { _, params throws(RPCError) in
                let record = try await book.record(params["name"]?.stringValue ?? "")
                let broken = book.broken(record.name)
                return ["items": .array(record.versions.map { JourneyView.summary($0, broken) })]
            },
            RPCMethod(
                "journeys.usedIn", summary: "The journeys that lead into this one.", scope: .read, params: Self.named,
                result: .array(of: .object), errors: [.notFound],
                example: RPCExample(params: ["name": "welcome"], result: [])
            ) { _, params throws(RPCError) in
                let name = try await book.record(params["name"]?.stringValue ?? "").name
                do throws(DefinitionError) {
                    return .array(try await book.store.journeysUsing(.journeys, name).map(\.json))
                } catch {
                    throw RPCError(error)
                }
            },
            RPCMethod(
                "journeys.validate", summary: "Every finding about a journey: errors block publication.",
                scope: .read,
                params: [.required("journey", .any, "A journey's name, for its draft, or a whole document.")],
                result: .object([("findings", .array(of: .object))]), errors: [.notFound],
                example: RPCExample(
                    params: ["journey": "welcome"],
                    result: [
                        "findings": [
                            [
                                "code": "unknownEvent", "severity": "error", "node": "first", "field": "/event",
                                "message": "There is no event orderPlaced.", "remedy": "Create it or choose another.",
                            ]
                        ]
                    ])
            ) { _, params throws(RPCError) in try await validate(params["journey"] ?? .null) },
        ]
    }

    private func list(_ params: JSONObject) async throws(RPCError) -> JSONValue {
        let wanted = params["filter"]?["state"]?.stringValue
        let limit = Int(params["limit"]?.integerValue ?? 100)
        do {
            let after = params["cursor"]?.stringValue ?? ""
            let views = try await book.store.all(.journeys).map { stored in
                JourneyView(record: JourneyRecord(stored.document), broken: book.broken(stored.name))
            }
            let matching = views.filter { $0.record.name > after && (wanted == nil || $0.state == wanted) }
            let page = Array(matching.prefix(limit))
            let counts = try await book.counts(page.map(\.record))
            var answer: JSONObject = [
                "items": .array(zip(page, counts).map { $0.summary(inside: $1) })
            ]
            if matching.count > page.count, let last = page.last { answer["cursor"] = .string(last.record.name) }
            return .object(answer)
        } catch let error as DefinitionError {
            throw RPCError(error)
        } catch let error as RPCError {
            throw error
        } catch {
            throw .internalError(cause: error)
        }
    }

    private func validate(_ journey: JSONValue) async throws(RPCError) -> JSONValue {
        let document: JSONObject
        switch journey {
        case .object(let object): document = object
        case .string(let name):
            let record = try await book.record(name)
            document = record.draft ?? record.versions.last?.document ?? JSONObject()
        default: throw .invalidParams(path: "/journey", message: "must be a journey's name or a journey document")
        }
        let findings = try await book.validate(document)
        return ["findings": .array(findings.map(\.json))]
    }

    private var life: [RPCMethod] {
        func method(
            _ name: String, _ summary: String,
            _ action: @escaping @Sendable (String, Int64?, Author) async throws(RPCError) -> JourneyRecord
        ) -> RPCMethod {
            RPCMethod(
                name, summary: summary, scope: .design,
                params: Self.named + [.optional("revision", .revision, "Refused when the journey has another.")],
                result: .object, errors: [.notFound, .notValidInThisState, .journeyInvalid, .staleRevision, .inUse],
                example: RPCExample(params: ["name": "welcome"], result: Self.exampleResult)
            ) { context, params throws(RPCError) in
                let name = params["name"]?.stringValue ?? ""
                let record = try await action(name, params["revision"]?.integerValue, author(context))
                let inside = try await book.counts([record])[0]
                return JourneyView(record: record, inside: inside, broken: book.broken(record.name)).json
            }
        }
        let book = book
        return [
            method("journeys.publish", "Publishes the draft; the version before it is closed to entrances.") {
                name, revision, author throws(RPCError) in try await book.publish(name, basedOn: revision, by: author)
            },
            method("journeys.newVersion", "Makes a draft of the newest version.") {
                name, _, author throws(RPCError) in try await book.newVersion(name, by: author)
            },
            method("journeys.close", "Closes the journey to entrances; the people inside go on.") {
                name, _, author throws(RPCError) in try await book.close(name, by: author)
            },
            method("journeys.stop", "Ends the journey for everyone inside.") {
                name, _, author throws(RPCError) in try await book.stop(name, by: author)
            },
        ]
    }
}
