import Definitions
import JSONRPC
import Models
import Queues

/// `profiles.*`: what is known of people.
struct ProfileMethods: Sendable {
    let profiles: Profiles

    var methods: [RPCMethod] { [upsert, get, list, events] }

    private static let shape = RPCSchema.object(
        [
            ("namespace", .name), ("id", .string), ("attributes", .object), ("revision", .revision),
            ("updatedAt", .timestamp),
        ], required: ["namespace", "id", "attributes", "revision", "updatedAt"])
    private static let example: JSONValue = [
        "namespace": "crmId", "id": "42", "attributes": ["firstName": "Ada", "timeZone": "Europe/Paris"],
        "revision": 3, "updatedAt": "2026-01-01T00:00:00.000Z",
    ]
    private static let identity: [RPCParameter] = [
        .required("namespace", .name, "The kind of the identity, as crmId."),
        .required("id", .string, "The identity, at most \(Person.idBytesMax) bytes."),
    ]

    private var upsert: RPCMethod {
        RPCMethod(
            "profiles.upsert", summary: "Makes a person's profile, or changes the one that there is.",
            description: """
                `deep`, the default, merges objects at every depth (RFC 7396: null removes a member); `replace` keeps \
                only what is given. With `revision`, refused when somebody else wrote since; 0 means that there must \
                be none. What is the same afterwards is not written. Safe to repeat.
                """,
            scope: .ingest,
            params: Self.identity + [
                .required("attributes", .object, "What is known of the person."),
                .optional("merge", .choice("deep", "replace"), "How the attributes come together; deep by default."),
                .optional("revision", .revision, "The revision that the change is based on."),
            ],
            result: Self.shape, errors: [.staleRevision, .tooMuch, .unavailable],
            example: RPCExample(
                params: [
                    "namespace": "crmId", "id": "42",
                    "attributes": ["firstName": "Ada", "timeZone": "Europe/Paris"], "merge": "deep",
                ], result: Self.example)
        ) { _, params async throws(RPCError) in
            let person = try Self.person(params)
            let merge = params["merge"]?.stringValue.flatMap(ProfileMerge.init) ?? .deep
            do throws(ProfileError) {
                let (profile, _, _) = try await profiles.upsert(
                    person, params["attributes"]?.objectValue ?? [:], merge,
                    basedOn: params["revision"]?.integerValue)
                return profile.shown
            } catch { throw RPCError(error) }
        }
    }

    private var get: RPCMethod {
        RPCMethod(
            "profiles.get", summary: "A person's profile.", scope: .read, params: Self.identity, result: Self.shape,
            errors: [.notFound, .unavailable],
            example: RPCExample(params: ["namespace": "crmId", "id": "42"], result: Self.example)
        ) { _, params async throws(RPCError) in
            let person = try Self.person(params)
            do throws(ProfileError) {
                guard let profile = try await profiles.get(person) else { throw ProfileError.notFound }
                return profile.shown
            } catch { throw RPCError(error) }
        }
    }

    private var list: RPCMethod {
        RPCMethod(
            "profiles.list", summary: "Profiles, partition by partition.",
            description: "A page may hold fewer than `limit`, none even, and still have a cursor to go on with.",
            scope: .read,
            params: [
                .optional(
                    "filter", .object([("namespace", .name), ("id", .string)]),
                    "Only people of a namespace, or whose id begins with this text."),
                .optional("cursor", .cursor, "The cursor of the page before."),
                .optional("limit", .limit, "Items of a page, 100 by default."),
            ],
            result: .page(of: Self.shape), errors: [.unavailable],
            example: RPCExample(
                params: ["filter": ["namespace": "crmId"], "limit": 10], result: ["items": [Self.example]])
        ) { _, params async throws(RPCError) in
            let filter = params["filter"]
            do throws(ProfileError) {
                let (items, cursor) = try await profiles.list(
                    namespace: filter?["namespace"]?.stringValue, idPrefix: filter?["id"]?.stringValue,
                    after: params["cursor"]?.stringValue, limit: Int(params["limit"]?.integerValue ?? 100))
                var answer: JSONObject = ["items": .array(items.map(\.shown))]
                if let cursor { answer["cursor"] = .string(cursor) }
                return .object(answer)
            } catch { throw RPCError(error) }
        }
    }

    private var events: RPCMethod {
        let event = RPCSchema.object(
            [("id", .string), ("at", .timestamp), ("events", .array(of: .name)), ("payload", .object)],
            required: ["id", "at", "events", "payload"])
        return RPCMethod(
            "profiles.events", summary: "A person's latest events, newest first.",
            description: """
                Those of event definitions with keepInProfile, at most \(KeptEvent.countMax) and \
                \(KeptEvent.bytesMax >> 20) MiB of them, younger than a year. An event that comes between two pages \
                moves the others on by one place.
                """,
            scope: .read,
            params: Self.identity + [
                .optional("cursor", .cursor, "The cursor of the page before."),
                .optional("limit", .limit, "Items of a page, 100 by default."),
                .optional("event", .name, "Only those of this event definition."),
            ],
            result: .page(of: event), errors: [.unavailable],
            example: RPCExample(
                params: ["namespace": "crmId", "id": "42"],
                result: [
                    "items": [
                        [
                            "id": "e-1", "at": "2026-01-01T00:00:00.000Z", "events": ["orderPlaced"],
                            "payload": ["_id": "e-1", "order": ["total": 250]],
                        ]
                    ]
                ])
        ) { _, params async throws(RPCError) in
            let person = try Self.person(params)
            let place = params["cursor"]?.stringValue.flatMap { Int($0) } ?? 0
            do throws(ProfileError) {
                let (items, next) = try await profiles.events(
                    person, named: params["event"]?.stringValue, from: max(0, min(place, KeptEvent.countMax)),
                    limit: Int(params["limit"]?.integerValue ?? 100))
                var answer: JSONObject = ["items": .array(items.map(Self.shownEvent))]
                if let next { answer["cursor"] = .string("\(next)") }
                return .object(answer)
            } catch { throw RPCError(error) }
        }
    }

    /// A kept event as an answer shows it: the time as text.
    private static func shownEvent(_ kept: KeptEvent) -> JSONValue {
        [
            "id": .string(kept.id), "at": .string(Timestamp.text(kept.at)), "events": JSONValue(kept.events),
            "payload": kept.payload,
        ]
    }

    static func person(_ params: JSONObject) throws(RPCError) -> Person {
        let namespace = params["namespace"]?.stringValue ?? "", id = params["id"]?.stringValue?.composed ?? ""
        let problems = ProfileRules.problems(namespace: namespace, id: id)
        if !problems.isEmpty { throw RPCError.invalidParams(problems) }
        return Person(namespace: namespace, id: id)
    }
}

/// What an identity may be.
enum ProfileRules {
    static func problems(namespace: String, id: String) -> [Problem] {
        var problems: [Problem] = []
        if !ObjectReader.isName(namespace) {
            problems.append(
                Problem(path: "/namespace", message: "must be a name of letters, digits, _ and -, at most 64"))
        }
        if id.isEmpty || id.utf8.count > Person.idBytesMax {
            problems.append(Problem(path: "/id", message: "must be 1 to \(Person.idBytesMax) bytes"))
        }
        return problems
    }
}

extension ProfileDocument {
    /// As an answer shows it: the time as text.
    var shown: JSONValue {
        [
            "namespace": .string(person.namespace), "id": .string(person.id), "attributes": .object(attributes),
            "revision": .integer(revision), "updatedAt": .string(Timestamp.text(updatedAt)),
        ]
    }
}

extension RPCError {
    init(_ error: ProfileError) {
        switch error {
        case .notFound: self = .notFound("profile of this person")
        case .stale(let current): self = .staleRevision(current: current)
        case .tooLarge:
            self = .invalidParams(
                path: "/attributes", message: "come to more than \(ProfileDocument.bytesMax) bytes together")
        case .busy:
            self = .tooMuch(retryAfterMilliseconds: 1_000, "This profile is being written all the time; try again.")
        case .store(let error): self.init(.unavailable, error.callerMessage, cause: error)
        case .audiences(let error): self.init(error)
        }
    }
}
