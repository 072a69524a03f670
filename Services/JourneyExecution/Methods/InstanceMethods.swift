import Definitions
import Engine
import Foundation
import JSONRPC
import Models
import Queues
import Redis

/// `instances.*`: who is inside, where, and leading one out.
struct InstanceMethods {
    let book: JourneyBook

    private static let example: JSONValue = [
        "id": "4f0c…", "journey": "welcome", "version": 1, "namespace": "crmId", "profile": "42", "node": "rest",
        "phase": "listening", "status": "running", "enteredAt": "2026-01-01T00:00:00.000Z",
    ]
    private static let identity: [RPCParameter] = [
        .required("id", .string, "The instance."),
        .optional("namespace", .string, "With profile: whose instance it is, which spares a search."),
        .optional("profile", .string, "The person's id."),
    ]

    func register(in registry: inout MethodRegistry) {
        registry.add(
            RPCMethod(
                "instances.list", summary: "People inside journeys: by person, or by journey and version.",
                scope: .read,
                params: [
                    .optional(
                        "filter",
                        .object([
                            ("journey", .string), ("version", .integer), ("namespace", .string), ("profile", .string),
                            ("node", .string), ("status", .string),
                        ]), "Either namespace and profile, or journey."),
                    .optional("cursor", .cursor, "Where the page before ended."),
                    .optional("limit", .limit, "Items a page."),
                ], result: .page(of: .object), errors: [.notFound],
                example: RPCExample(
                    params: ["filter": ["namespace": "crmId", "profile": "42"]], result: ["items": [Self.example]])
            ) { _, params throws(RPCError) in try await list(params) },
            RPCMethod(
                "instances.get", summary: "One instance as the engine holds it.", scope: .read,
                params: Self.identity, result: .object, errors: [.notFound],
                example: RPCExample(params: ["id": "4f0c…"], result: Self.example)
            ) { _, params throws(RPCError) in
                let found = try await find(params)
                var object = try view(found.person, found.summary).objectValue ?? JSONObject()
                object["state"] = found.state
                return .object(object)
            },
            RPCMethod(
                "instances.end", summary: "Leads one person out of a journey, as stopped.", scope: .design,
                params: Self.identity, result: .object([("accepted", .boolean)]), errors: [.notFound],
                example: RPCExample(params: ["id": "4f0c…"], result: ["accepted": true])
            ) { context, params throws(RPCError) in
                let found = try await find(params)
                let command = Command.endInstance(person: found.person, instance: found.summary.id)
                let element = command.element(id: "end-\(found.summary.id)")
                let entry = InboxEntry(
                    partition: found.person.partition(of: book.partitions), element: element, duplicateHash: nil,
                    source: .inside)
                try await book.append([entry])
                try await book.store.note(
                    "end", "instances", found.summary.id, ["journey": .string(found.summary.journey)],
                    by: Author(context))
                return ["accepted": true]
            })
    }

    private typealias Found = (person: Person, summary: InstanceSummary, state: JSONValue)

    private func view(_ person: Person, _ summary: InstanceSummary) throws(RPCError) -> JSONValue {
        [
            "id": .string(summary.id), "journey": .string(summary.journey), "version": .integer(summary.version),
            "namespace": .string(person.namespace), "profile": .string(person.id), "node": .string(summary.node),
            "phase": .string(summary.phase), "status": .string(Self.status(summary)),
            "enteredAt": .string(Timestamp.text(summary.enteredAt)), "steps": .integer(summary.steps),
        ]
    }

    /// `ended` for one that left while a request of it was still under way.
    private static func status(_ summary: InstanceSummary) -> String {
        summary.phase == "ended" ? "ended" : "running"
    }

    /// Every instance of one person.
    private func instances(of person: Person) async throws(RPCError) -> [Found] {
        let partition = person.partition(of: book.partitions)
        do {
            let hashes = try await book.inside.instances([person.key], partition: partition)
            return hashes.flatMap { $0 }.compactMap { field, bytes in Self.found(person, field, bytes) }
        } catch {
            throw .unavailable(error.callerMessage, cause: error)
        }
    }

    private static func found(_ person: Person, _ field: String, _ bytes: [UInt8]) -> Found? {
        guard field.hasPrefix("i:"), let summary = try? InstanceSummary(id: String(field.dropFirst(2)), bytes: bytes),
            let state = try? JSONValue.parse(bytes)
        else { return nil }
        return (person, summary, state)
    }

    private func list(_ params: JSONObject) async throws(RPCError) -> JSONValue {
        let filter = params["filter"]?.objectValue ?? JSONObject()
        let limit = Int(params["limit"]?.integerValue ?? 100)
        if let namespace = filter["namespace"]?.stringValue, let profile = filter["profile"]?.stringValue {
            var items: [JSONValue] = []
            for found in try await instances(of: Person(namespace: namespace, id: profile))
            where Self.matches(found, filter) { items.append(try view(found.person, found.summary)) }
            return ["items": .array(items)]
        }
        guard let journey = filter["journey"]?.stringValue else {
            throw .invalidParams(path: "/filter", message: "names a journey, or a namespace and a profile")
        }
        return try await listInside(journey, filter, limit: limit, cursor: params["cursor"]?.stringValue)
    }

    private static func matches(_ found: Found, _ filter: JSONObject) -> Bool {
        func same(_ key: String, _ value: JSONValue?) -> Bool { filter[key] == nil || filter[key] == value }
        let status = Self.status(found.summary)
        if filter["status"] == nil, found.summary.phase == "ended" { return false }
        return same("journey", .string(found.summary.journey)) && same("version", .integer(found.summary.version))
            && same("node", .string(found.summary.node)) && same("status", .string(status))
    }

    /// A page of one journey: version by version, partition by partition, in the order of entry.
    private func listInside(
        _ journey: String, _ filter: JSONObject, limit: Int, cursor: String?
    ) async throws(RPCError) -> JSONValue {
        let record = try await book.record(journey)
        var place = try InsideCursor(cursor)
        var items: [JSONValue] = []
        for version in record.versions.map(\.number).sorted() where version >= place.version {
            guard filter["version"] == nil || filter["version"] == .integer(version) else { continue }
            if version > place.version { place = InsideCursor(version: version) }
            while place.partition < book.partitions {
                if items.count >= limit { return ["items": .array(items), "cursor": .string(place.text)] }
                if try await take(journey, filter, limit: limit, &place, &items) { continue }
                place = InsideCursor(version: version, partition: place.partition + 1)
            }
        }
        return ["items": .array(items)]
    }

    /// Takes a piece of one partition.
    /// - Returns: whether there may be more in it.
    private func take(
        _ journey: String, _ filter: JSONObject, limit: Int, _ place: inout InsideCursor, _ items: inout [JSONValue]
    ) async throws(RPCError) -> Bool {
        let members: [InsideReader.Member]
        let hashes: [[(field: String, bytes: [UInt8])]]
        do {
            members = try await book.inside.page(
                partition: place.partition, journey: journey, version: place.version, after: place.last, count: limit)
            let keys = members.compactMap { InstancePlace(member: $0.text)?.personKey }
            hashes = try await book.inside.instances(keys, partition: place.partition)
        } catch {
            throw .unavailable(error.callerMessage, cause: error)
        }
        for (member, hash) in zip(members, hashes) where items.count < limit {
            place.last = member
            guard let at = InstancePlace(member: member.text), let person = Person(key: at.personKey),
                let field = hash.first(where: { $0.field == "i:" + at.instance }),
                let found = Self.found(person, field.field, field.bytes), Self.matches(found, filter)
            else { continue }
            items.append(try view(person, found.summary))
        }
        guard let end = members.last else { return false }
        return members.count == limit || end != place.last
    }

    /// The instance with this id: at once where its person is given, else by a walk over who is inside.
    private func find(_ params: JSONObject) async throws(RPCError) -> Found {
        let id = params["id"]?.stringValue ?? ""
        if let namespace = params["namespace"]?.stringValue, let profile = params["profile"]?.stringValue {
            let all = try await instances(of: Person(namespace: namespace, id: profile))
            if let found = all.first(where: { $0.summary.id == id }) { return found }
            throw .notFound("instance \(id) of this person")
        }
        do {
            guard let key = try await book.inside.personKey(ofInstance: id), let person = Person(key: key),
                let found = try await instances(of: person).first(where: { $0.summary.id == id })
            else { throw RPCError.notFound("instance \(id) inside any journey") }
            return found
        } catch let error as RPCError {
            throw error
        } catch {
            throw .unavailable("The instance could not be looked for.", cause: error)
        }
    }
}

/// Where a page of instances ended: version, partition, and the last one looked at, by time of entry and name; nobody
/// who leaves moves the others.
struct InsideCursor {
    var version: Int64 = 0
    var partition = 0
    var last: InsideReader.Member?

    init(version: Int64, partition: Int = 0) {
        self.version = version
        self.partition = partition
    }

    init(_ text: String?) throws(RPCError) {
        self.init(version: 0)
        guard let text else { return }
        let parts = text.split(separator: " ", maxSplits: 3)
        guard parts.count >= 2, let version = Int64(parts[0]), let partition = Int(parts[1]), partition >= 0 else {
            throw .invalidParams(path: "/cursor", message: "is none that this method gave")
        }
        (self.version, self.partition) = (version, partition)
        guard parts.count == 4, let at = Int64(parts[2]) else { return }
        last = InsideReader.Member(text: String(parts[3]), at: at)
    }

    var text: String { "\(version) \(partition)" + (last.map { " \($0.at) \($0.text)" } ?? "") }
}
