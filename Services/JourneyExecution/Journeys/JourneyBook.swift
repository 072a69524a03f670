import Definitions
import Engine
import JSONRPC
import LiveVersions
import Models
import Queues
import Redis

/// What the methods do with journeys: drafts, versions, life. Each change of life is announced to every inbox before
/// the call answers, so that the next event accepted is handled by it.
struct JourneyBook: Sendable {
    let store: DefinitionStore
    let plans: PlanKeeper
    let inside: InsideReader
    let inbox: InboxAppender
    let announcer: Announcer
    let partitions: Int
    /// Milliseconds since 1970.
    let clock: @Sendable () -> Int64

    func record(_ name: String) async throws(RPCError) -> JourneyRecord {
        do {
            if let stored = try await store.get(.journeys, name) { return JourneyRecord(stored.document) }
        } catch { throw RPCError(error) }
        throw .notFound("journey \(name)")
    }

    func create(_ document: JSONObject, by author: Author) async throws(RPCError) -> JourneyRecord {
        let name = try checkedName(document)
        let draft = JourneyDocument(document.removing("revision"))
        try refuse(draft.problems)
        var record = JourneyRecord(name: name, draft: draft.document, uses: draft.uses.json, at: clock())
        do {
            record.origin = try await store.lastRevision(ofDeleted: .journeys, name)
            let made = try await store.create(.journeys, record.document, by: author)
            if made.revision == record.origin + 1 { return JourneyRecord(made.document) }
            // Another of the name was made and deleted meanwhile.
            let origin = made.revision - 1
            let counted = try await store.update(.journeys, name, by: author) { stored in
                var record = JourneyRecord(stored.document)
                record.origin = origin
                return record.document
            }
            return JourneyRecord(counted.document)
        } catch { throw RPCError(error) }
    }

    /// Changes the draft: members given replace, null removes, absent stay. Without a draft one is made of the newest
    /// version.
    func update(_ params: JSONObject, by author: Author) async throws(RPCError) -> JourneyRecord {
        let name = try checkedName(params)
        if let version = params["version"]?.integerValue {
            return try await relabel(name, version: version, params.removing("version"), by: author)
        }
        return try await change(name, basedOn: params["revision"]?.integerValue, by: author) {
            record throws(RPCError) in
            var document = record.draft ?? record.versions.last?.document ?? JSONObject()
            for (key, value) in params.removing("revision", "version") {
                document[key] = value.isNull ? JSONValue?.none : value
            }
            let draft = JourneyDocument(document)
            try refuse(draft.problems)
            record.draft = draft.document
            record.draftUses = draft.uses.json
            record.updatedAt = clock()
        }
    }

    /// Changes labels, positions and the description of a published version, which is read-only else.
    private func relabel(
        _ name: String, version number: Int64, _ params: JSONObject, by author: Author
    ) async throws(RPCError) -> JourneyRecord {
        let changed = try await change(name, basedOn: params["revision"]?.integerValue, by: author) {
            record throws(RPCError) in
            guard let version = record.version(number) else {
                throw .notFound("version \(number) of the journey \(name)")
            }
            var document = version.document
            for (key, value) in params.removing("revision") {
                document[key] = value.isNull ? JSONValue?.none : value
            }
            try refuse(JourneyDocument(document).problems)
            let difference = JourneyDifference(from: version.document, to: document)
            guard difference.isSame, JourneyDifference.order(version.document) == JourneyDifference.order(document)
            else {
                throw RPCError(
                    .notValidInThisState,
                    "Of a published version only labels, positions and descriptions may change; make a new version.",
                    data: ["changes": .object(difference.json)])
            }
            record.relabel(number, document, at: clock())
        }
        try await announce()
        return changed
    }

    func newVersion(_ name: String, by author: Author) async throws(RPCError) -> JourneyRecord {
        try await change(name, basedOn: nil, by: author) { record throws(RPCError) in
            guard record.draft == nil, let newest = record.versions.last else { return }
            record.draft = newest.document
            record.draftUses = newest.uses
            record.updatedAt = clock()
        }
    }

    func delete(_ name: String, basedOn: Int64?, by author: Author) async throws(RPCError) -> JourneyRecord {
        let record = try await record(name)
        if record.versions.contains(where: { $0.state == .live || $0.state == .closed }) {
            throw .notValidInThisState("The journey \(name) is \(record.state.rawValue): stop it before you delete it.")
        }
        let users = try await others(leadingInto: name)
        if !users.isEmpty { throw .inUse(by: users, "Other journeys lead into the journey \(name).") }
        let counts = try await counts([record])
        if counts[0] > 0 {
            throw .notValidInThisState("\(counts[0]) people are still being led out of the journey \(name).")
        }
        do { _ = try await store.delete(.journeys, name, basedOn: basedOn ?? record.revision, by: author) } catch {
            throw RPCError(error)
        }
        let trials = TrialBook(book: self)
        for trial in try await trials.all() where trial.journey == name { try await trials.end(trial) }
        try await forget(name)
        // Places are taken under the version's name, and nobody asks for one of these versions again.
        do { try await places.forget(try await places.names().filter { $0.run == nil && $0.journey == name }) } catch {
            throw .unavailable(error.callerMessage, cause: error)
        }
        return record
    }

    /// A loop back into itself is no use by another.
    private func others(leadingInto name: String) async throws(RPCError) -> [JSONValue] {
        do throws(DefinitionError) {
            return try await store.journeysUsing(.journeys, name).filter { $0.name != name }.map(\.json)
        } catch { throw RPCError(error) }
    }

    /// What a publication would find: that something is past, or never comes, is an error too.
    func validate(_ document: JSONObject) async throws(RPCError) -> [Finding] {
        do {
            let catalogue = try await plans.catalogue()
            return Plan.compile(
                JourneyDocument(document), version: 1, catalogue: catalogue, now: clock()
            ).findings
        } catch { throw RPCError(error) }
    }

    /// Publishes the draft, with what it was compiled from. It is checked against the definitions of one moment, and
    /// again where one of them is written meanwhile: never are both a version and a change taken that it breaks by.
    func publish(_ name: String, basedOn: Int64?, by author: Author) async throws(RPCError) -> JourneyRecord {
        let result: Result<JourneyRecord, RPCError>
        do throws(DefinitionError) {
            result = try await store.attempting { () throws(DefinitionError) in
                try await attemptToPublish(name, basedOn: basedOn, by: author)
            }
        } catch { throw RPCError(error) }
        let published = try result.get()
        try await announce()
        return published
    }

    private func attemptToPublish(
        _ name: String, basedOn: Int64?, by author: Author
    ) async throws(DefinitionError) -> WriteResult<Result<JourneyRecord, RPCError>> {
        let checkedAt = try await store.changes()
        guard let stored = try await store.get(.journeys, name) else {
            return .written(.failure(.notFound("journey \(name)")))
        }
        var record = JourneyRecord(stored.document)
        if let basedOn, basedOn != record.revision {
            return .written(.failure(.staleRevision(current: record.revision)))
        }
        guard let draft = record.draft else {
            return .written(.failure(.notValidInThisState("The journey \(name) has no draft to publish.")))
        }
        let catalogue = try await plans.catalogue()
        let document = JourneyDocument(draft)
        let findings = Plan.compile(document, version: 1, catalogue: catalogue, now: clock()).findings
        if findings.contains(where: { $0.severity == .error }) {
            return .written(.failure(.journeyInvalid(findings: findings.map(\.json))))
        }
        let breakage = try await breakage(by: document, among: catalogue)
        if !breakage.isEmpty { return .written(.failure(RPCError(DefinitionError.breaks(.journeys, breakage)))) }
        _ = record.publish(at: clock(), basis: Plan.basis(of: document, catalogue: catalogue))
        record.forgetOldBases(bytesMax: DefinitionKind.documentBytesMax)
        return try await store.replace(
            .journeys, stored, by: record.document, checkedAt: checkedAt, author: author
        ).map { .success(JourneyRecord($0.document)) }
    }

    /// The live versions of other journeys that lead people into this one and could not any more.
    private func breakage(
        by document: JourneyDocument, among catalogue: Catalogue
    ) async throws(DefinitionError) -> Breakage {
        let name = document.name
        let leading = try await store.all(.journeys).filter { stored in
            stored.name != name && !DefinitionUse.uses(in: stored, of: .journeys, name).isEmpty
        }
        let versions = leading.flatMap { LiveVersion.all(in: $0.document) }
        if versions.isEmpty { return Breakage() }
        let after = catalogue.replacing(JourneyFacts(document, isLive: true))
        return BrokenVersions.breakage(of: versions, before: catalogue, after: after) { _ in "/nodes/0" }
    }

    /// No more entrances; the people inside go on.
    func close(_ name: String, by author: Author) async throws(RPCError) -> JourneyRecord {
        let closed = try await change(name, basedOn: nil, by: author) { record throws(RPCError) in
            if record.live == nil {
                throw .notValidInThisState("The journey \(name) is not live, so there is nothing to close.")
            }
            _ = record.move([.live], to: .closed, at: clock())
        }
        try await announce()
        return closed
    }

    /// Everyone leaves as stopped. Repeating it is harmless and tells every partition again.
    func stop(_ name: String, by author: Author) async throws(RPCError) -> JourneyRecord {
        let stopped = try await change(name, basedOn: nil, by: author) { record throws(RPCError) in
            if record.versions.isEmpty {
                throw .notValidInThisState("The journey \(name) was never published, so there is nothing to stop.")
            }
            _ = record.move([.live, .closed], to: .stopped, at: clock())
        }
        try await announce()
        for version in stopped.versions where version.state == .stopped {
            try await leadOut(name, version: version.number)
        }
        try await forget(name)
        return stopped
    }

    /// Nobody enters; whoever comes to an action waits there, or leaves. Repeating it changes what happens at actions.
    func pause(
        _ name: String, onAction: JourneySet.State.OnAction, by author: Author
    ) async throws(RPCError) -> JourneyRecord {
        let paused = try await change(name, basedOn: nil, by: author) { record throws(RPCError) in
            if !record.canHavePeople {
                throw .notValidInThisState("The journey \(name) is \(record.state.rawValue): nothing to pause.")
            }
            record.pause = .init(onAction: onAction, at: clock())
            record.resume = nil
            record.updatedAt = clock()
        }
        try await announce()
        return paused
    }

    /// People enter again, and whoever is held goes on, at this rate over all partitions. Repeating it sets the rate.
    func resume(_ name: String, ratePerSecond: Double?, by author: Author) async throws(RPCError) -> JourneyRecord {
        let resumed = try await change(name, basedOn: nil, by: author) { record throws(RPCError) in
            if record.pause == nil, record.resume == nil {
                throw .notValidInThisState("The journey \(name) is \(record.state.rawValue): it is not paused.")
            }
            record.pause = nil
            record.resume = .init(at: clock(), ratePerSecond: ratePerSecond)
            record.updatedAt = clock()
        }
        try await announce()
        try await release(resumed)
        return resumed
    }

    /// Tells every partition to release whoever is held, by the last resume. Safe to repeat.
    func release(_ record: JourneyRecord) async throws(RPCError) {
        guard let resume = record.resume else { return }
        let command = Command.resume(journey: record.name, ratePerSecond: resume.ratePerSecond)
        try await tellAll(command, id: "resume-\(record.name)-\(resume.at)")
    }

    /// Tells every partition to take people over to another version; the id says which move it is.
    func move(
        _ name: String, from: Int64, to: Int64, nodes: [String]?
    ) async throws(RPCError) -> (id: String, inside: Int64) {
        let record = try await record(name)
        for number in [from, to] {
            guard let version = record.version(number) else {
                throw .notFound("version \(number) of the journey \(name)")
            }
            guard version.state == .live || version.state == .closed else {
                throw .notValidInThisState("Version \(number) of the journey \(name) is \(version.state.rawValue).")
            }
        }
        if from == to { throw .invalidParams(path: "/to", message: "is the version that people are to leave") }
        let id = "\(name)-\(from)-\(to)-\(clock())"
        let inside: [Int64]
        do { inside = try await self.inside.counts([(name, from)]) } catch {
            throw .unavailable(error.callerMessage, cause: error)
        }
        let move = VersionMove(id: id, journey: name, from: from, to: to, nodes: nodes)
        try await tellAll(.move(move), id: "move-\(id)")
        return (id, inside[0])
    }

    /// Appends a command to every inbox.
    func tellAll(_ command: Command, id: String) async throws(RPCError) {
        let element = command.element(id: id)
        try await append(
            (0..<partitions).map { InboxEntry(partition: $0, element: element, duplicateHash: nil, source: .inside) })
    }

    /// Tells every partition to end whoever is inside a stopped version.
    func leadOut(_ name: String, version: Int64) async throws(RPCError) {
        try await tellAll(.stop(journey: name, version: version), id: "stop-\(name)-\(version)")
    }

    /// Tells every partition that nobody enters the journey any more: what it remembers for later runs over an audience
    /// is forgotten. Safe to repeat.
    func forget(_ name: String) async throws(RPCError) {
        try await tellAll(.forget(journey: name), id: "forget-\(name)-\(clock())")
    }

    /// The versions of a journey that do not compile, with the reasons.
    func broken(_ journey: String) -> [Int64: [String]] { plans.current.broken[journey] ?? [:] }

    /// Places under caps.
    var places: CapPlaces { CapPlaces(redis: inside.redis, keys: inside.keys) }

    func append(_ entries: [InboxEntry]) async throws(RPCError) {
        do { _ = try await inbox.append(entries) } catch {
            throw .unavailable(error.callerMessage, cause: error)
        }
    }

    /// People inside each of these journeys, over all versions.
    func counts(_ records: [JourneyRecord]) async throws(RPCError) -> [Int64] {
        let versions = records.flatMap { record in
            record.versions.filter { $0.state != .finished }.map { (journey: record.name, version: $0.number) }
        }
        do {
            let counts = try await inside.counts(versions)
            var sums: [String: Int64] = [:]
            for (version, count) in zip(versions, counts) { sums[version.journey, default: 0] += count }
            return records.map { sums[$0.name] ?? 0 }
        } catch {
            throw .unavailable(error.callerMessage, cause: error)
        }
    }

    func announce() async throws(RPCError) {
        do { _ = try await announcer.announce() } catch { throw RPCError(error) }
    }

    func change(
        _ name: String, basedOn: Int64?, by author: Author,
        _ edit: (inout JourneyRecord) async throws(RPCError) -> Void
    ) async throws(RPCError) -> JourneyRecord {
        var record = try await record(name)
        if let basedOn, basedOn != record.revision { throw .staleRevision(current: record.revision) }
        try await edit(&record)
        do {
            let document = record.document
            let stored = try await store.update(.journeys, name, basedOn: record.revision, by: author) { _ in document }
            return JourneyRecord(stored.document)
        } catch { throw RPCError(error) }
    }

    private func checkedName(_ document: JSONObject) throws(RPCError) -> String {
        var reader = ObjectReader(document)
        let name = reader.name()
        try refuse(reader.problems)
        return name
    }

    private func refuse(_ problems: [Problem]) throws(RPCError) {
        if !problems.isEmpty { throw .invalidParams(problems) }
    }
}
