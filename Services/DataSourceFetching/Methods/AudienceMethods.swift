import Audiences
import Definitions
import JSONRPC
import Models
import Queues
import Redis

/// `audiences.get` with its evaluation, `audiences.members` and `audiences.evaluate`.
struct AudienceMethods: Sendable {
    let family: DefinitionFamily<AudienceDefinition>
    let book: AudienceBook
    let evaluations: AudienceEvaluations
    let status: AudienceStatus

    /// The family's methods, `get` with what is known beyond the definition, and the others.
    var methods: [RPCMethod] { family.methods.filter { $0.name != get.name } + [get, members, evaluate] }

    private static let evaluation = RPCSchema.object(
        [("state", .choice("waiting", "running", "done", "unusable")), ("done", .integer), ("total", .integer)],
        required: ["state", "done", "total"])

    private var get: RPCMethod {
        RPCMethod(
            "audiences.get", summary: "The audience of a name, its members counted, and how far its evaluation is.",
            description: """
                `evaluation.state` is done when everyone was looked at by the rule in force; until then `members` \
                counts those found so far. unusable: the rule does not compile any more, and nobody is a member.
                """,
            scope: .read, params: [.required("name", .name, "The name of the audience.")],
            result: .object(
                AudienceFamily.members.map { ($0.name, $0.schema) }
                    + [("revision", .revision), ("members", .integer), ("evaluation", Self.evaluation)],
                required: ["name", "rule", "revision", "members", "evaluation"]),
            errors: [.notFound, .unavailable],
            example: RPCExample(
                params: ["name": "goldCustomers"],
                result: [
                    "name": "goldCustomers", "rule": "#{profile.loyalty.tier} == \"gold\"", "revision": 1,
                    "members": 120, "evaluation": ["state": "done", "done": 1_000, "total": 1_000],
                ])
        ) { _, params async throws(RPCError) in
            let name = params["name"]?.stringValue ?? ""
            var shown = family.shown(try await stored(name))
            try await RPCError.from { () throws(DefinitionError) in try await book.refresh() }
            do throws(QueueError) {
                shown["members"] = .integer(try await status.memberCount(of: name))
                shown["evaluation"] =
                    try await status.evaluation(of: name) ?? ["state": "unusable", "done": 0, "total": 0]
            } catch { throw RPCError(.unavailable, error.callerMessage, cause: error) }
            return .object(shown)
        }
    }

    private var members: RPCMethod {
        let person = RPCSchema.object([("namespace", .name), ("id", .string)], required: ["namespace", "id"])
        return RPCMethod(
            "audiences.members", summary: "The members of an audience, partition by partition.",
            description: "Someone who becomes a member meanwhile may be missing; nobody is listed twice.",
            scope: .read,
            params: [
                .required("name", .name, "The audience."),
                .optional("cursor", .cursor, "The cursor of the page before."),
                .optional("limit", .limit, "Items of a page, 100 by default."),
            ],
            result: .page(of: person), errors: [.notFound, .unavailable],
            example: RPCExample(
                params: ["name": "goldCustomers", "limit": 10],
                result: ["items": [["namespace": "crmId", "id": "42"]]])
        ) { _, params async throws(RPCError) in
            let name = params["name"]?.stringValue ?? ""
            _ = try await stored(name)
            try await RPCError.from { () throws(DefinitionError) in try await book.refresh() }
            do throws(QueueError) {
                let (items, cursor) = try await status.members(
                    of: name, after: params["cursor"]?.stringValue, limit: Int(params["limit"]?.integerValue ?? 100))
                var answer: JSONObject = [
                    "items": .array(
                        items.map { ["namespace": .string($0.namespace), "id": .string($0.id)] })
                ]
                if let cursor { answer["cursor"] = .string(cursor) }
                return .object(answer)
            } catch { throw RPCError(.unavailable, error.callerMessage, cause: error) }
        }
    }

    private var evaluate: RPCMethod {
        RPCMethod(
            "audiences.evaluate", summary: "Evaluates an audience over everyone; audiences.get says how far it is.",
            description: """
                Seldom needed: each change of a profile is evaluated as it is written, a new or changed rule over \
                everyone, and a rule with now() each midnight (UTC). With `announce`, journeys are told who enters or \
                leaves by it. Safe to repeat.
                """,
            scope: .admin,
            params: [
                .required("name", .name, "The audience."),
                .optional("announce", .boolean, "Whether journeys are told; default false."),
            ],
            result: Self.evaluation, errors: [.notFound, .notValidInThisState, .unavailable],
            example: RPCExample(
                params: ["name": "goldCustomers"], result: ["state": "waiting", "done": 0, "total": 1_000])
        ) { _, params async throws(RPCError) in
            let name = params["name"]?.stringValue ?? ""
            _ = try await stored(name)
            try await RPCError.from { () throws(DefinitionError) in try await book.refresh() }
            guard book.rules[name] != nil else {
                throw RPCError(.notValidInThisState, "The rule of this audience does not compile; mend it first.")
            }
            let announce = params["announce"]?.boolValue ?? false
            do throws(RedisError) { try await evaluations.request(name, announce: announce) } catch {
                throw RPCError(.unavailable, error.callerMessage, cause: error)
            }
            do throws(QueueError) {
                return try await status.evaluation(of: name) ?? ["state": "waiting", "done": 0, "total": 0]
            } catch { throw RPCError(.unavailable, error.callerMessage, cause: error) }
        }
    }

    private func stored(_ name: String) async throws(RPCError) -> StoredDefinition {
        try await RPCError.from { () throws(DefinitionError) in
            guard let stored = try await family.store.get(.audiences, name) else {
                throw DefinitionError(.notFound, "There is no audience of this name.")
            }
            return stored
        }
    }
}
