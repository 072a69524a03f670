import Models
import Queues
import Redis

/// What became of one attempt to write.
package enum WriteResult<Value: Sendable>: Sendable {
    case written(Value)
    /// Somebody else wrote this name: the revision in force, 0 where there is none any more.
    case stale(current: Int64)
    /// Something else was written since the checks were made.
    case moved

    /// The same with another value where it was written.
    package func map<Other: Sendable>(_ transform: (Value) -> Other) -> WriteResult<Other> {
        switch self {
        case .written(let value): .written(transform(value))
        case .stale(let current): .stale(current: current)
        case .moved: .moved
        }
    }
}

extension DefinitionStore {
    /// How long a change is read, checked and written anew while others are faster; then the caller is told to try
    /// again.
    static let attemptsFor = Duration.seconds(5)
    /// The longest pause after the first attempt; it doubles with each further one, as many who try at once need as
    /// much more room.
    static let pauseFirst = Duration.milliseconds(4)
    /// The longest pause between two attempts.
    static let pauseMax = Duration.milliseconds(250)
    /// Times that a call is made again after its answer was lost.
    static let repeatsMax = 3
    /// How long a repeated call is recognised, in milliseconds.
    static let tokenMilliseconds: Int64 = 600_000
    /// Deleted names whose revisions stay readable, per kind.
    static let deletedNamesMax = 1_000

    // MARK: For owners of whole records, such as the journeys

    /// Stores a new document under its `name`.
    ///
    /// - Throws: ``DefinitionError/Code/exists`` where there is one of the name.
    package func create(
        _ kind: DefinitionKind, _ document: JSONObject, by author: Author
    ) async throws(DefinitionError) -> StoredDefinition {
        let name = document["name"]?.stringValue ?? ""
        return try await attempting { () throws(DefinitionError) in
            try await write(kind, name, document, old: nil, checkedAt: nil, by: author)
        }
    }

    /// Reads a document, changes it and writes it; repeated while others are faster and `basedOn` is nil.
    ///
    /// - Parameters:
    ///   - basedOn: the revision that the caller saw; another one in force is ``DefinitionError/Code/stale``.
    ///   - change: the new document, of the one that is stored; may run several times.
    package func update(
        _ kind: DefinitionKind, _ name: String, basedOn: Int64? = nil, by author: Author,
        _ change: (StoredDefinition) async throws(DefinitionError) -> JSONObject
    ) async throws(DefinitionError) -> StoredDefinition {
        try await attempting { () throws(DefinitionError) in
            let old = try await existing(kind, name, basedOn: basedOn)
            let document = try await change(old)
            return try await write(kind, name, document, old: old, checkedAt: nil, by: author)
        }
    }

    /// Writes what was made of a document, if that is in force still and nothing else was written since the number of
    /// all writes, ``changes(of:)``, was read: for whoever checks a document against others.
    package func replace(
        _ kind: DefinitionKind, _ old: StoredDefinition, by document: JSONObject, checkedAt: Int64, author: Author
    ) async throws(DefinitionError) -> WriteResult<StoredDefinition> {
        try await write(kind, old.name, document, old: old, checkedAt: checkedAt, by: author)
    }

    /// Deletes a document.
    package func delete(
        _ kind: DefinitionKind, _ name: String, basedOn: Int64? = nil, by author: Author
    ) async throws(DefinitionError) -> StoredDefinition {
        try await attempting { () throws(DefinitionError) in
            let old = try await existing(kind, name, basedOn: basedOn)
            return try await remove(kind, old, checkedAt: nil, by: author)
        }
    }

    // MARK: The steps

    /// The stored document of a name, at the revision that the caller saw.
    func existing(
        _ kind: DefinitionKind, _ name: String, basedOn: Int64?
    ) async throws(DefinitionError) -> StoredDefinition {
        guard let old = try await get(kind, name) else { throw DefinitionError.notFound(kind, name) }
        if let basedOn, basedOn != old.revision { throw DefinitionError.stale(kind, current: old.revision) }
        return old
    }

    /// Runs an attempt until it is written: one that was overtaken begins again from reading.
    package func attempting<Value: Sendable>(
        _ attempt: () async throws(DefinitionError) -> WriteResult<Value>
    ) async throws(DefinitionError) -> Value {
        let deadline = ContinuousClock.now + Self.attemptsFor
        var pause = Self.pauseFirst
        while true {
            if case .written(let value) = try await attempt() { return value }
            let length = pause * random()
            if Task.isCancelled || .now + length > deadline { break }
            try? await Task.sleep(for: length)
            pause = min(pause * 2, Self.pauseMax)
        }
        throw DefinitionError(.unavailable, "Too many changes at the same time; try again.")
    }

    /// One attempt to write. A name that was to be new and is there already is an error; everything else that was
    /// overtaken is an answer, so that the caller reads again.
    func write(
        _ kind: DefinitionKind, _ name: String, _ document: JSONObject, old: StoredDefinition?, checkedAt: Int64?,
        by author: Author
    ) async throws(DefinitionError) -> WriteResult<StoredDefinition> {
        let document = document.removing("revision")
        let bytes = JSONValue.object(document).bytes
        if document.isEmpty || bytes.count > DefinitionKind.documentBytesMax {
            throw DefinitionError(
                .invalid, "The \(kind.singular) is too large.",
                problems: [Problem(path: "", message: "has more than \(DefinitionKind.documentBytesMax) bytes")])
        }
        let entry = AuditEntry(
            at: now(), author: author, service: service, action: old == nil ? "create" : "update", kind: kind,
            name: name, before: old?.document, after: document)
        let token = keys.config("write:\(token())")
        let (code, number) = try await run(
            DefinitionScripts.write,
            keys: [
                keys.config(kind.name), keys.config("\(kind.name):revisions"), keys.config("audit"),
                keys.config("changes"), token,
            ],
            arguments: [
                name, old?.revision ?? 0, bytes, JSONValue.object(entry.json).bytes, kind.name, kind.historyMax,
                DefinitionKind.documentsMax, AuditEntry.entriesMax, Self.tokenMilliseconds, keys.configChannel,
                checkedAt.map { String($0) } ?? "",
            ])
        switch code {
        case 1:
            var stored: JSONObject = ["revision": .integer(number)]
            stored.merge(document)
            return .written(StoredDefinition(name: name, revision: number, document: stored))
        case 2 where old == nil:
            throw DefinitionError(
                .exists, "There is a \(kind.singular) of this name already.", currentRevision: number)
        case 2: return .stale(current: number)
        case 3: return .stale(current: 0)
        case 4:
            throw DefinitionError(.tooMany, "There are \(DefinitionKind.documentsMax) \(kind.name) already.")
        case 5: return .moved
        default: throw DefinitionError(.unavailable, "The stored definition \(name) is not one.")
        }
    }

    /// One attempt to delete what was read.
    func remove(
        _ kind: DefinitionKind, _ old: StoredDefinition, checkedAt: Int64?, by author: Author
    ) async throws(DefinitionError) -> WriteResult<StoredDefinition> {
        let entry = AuditEntry(
            at: now(), author: author, service: service, action: "delete", kind: kind, name: old.name,
            before: old.document, after: nil)
        let token = keys.config("write:\(token())")
        let (code, number) = try await run(
            DefinitionScripts.delete,
            keys: [
                keys.config(kind.name), keys.config("\(kind.name):revisions"), keys.config("audit"),
                keys.config("changes"), token, keys.config("\(kind.name):deleted"),
            ],
            arguments: [
                old.name, old.revision, JSONValue.object(entry.json).bytes, kind.name, kind.historyMax,
                Self.deletedNamesMax, AuditEntry.entriesMax, Self.tokenMilliseconds, keys.configChannel,
                checkedAt.map { String($0) } ?? "",
            ])
        switch code {
        case 1: return .written(old)
        case 2: return .stale(current: number)
        case 3: return .stale(current: 0)
        case 5: return .moved
        default: throw DefinitionError(.unavailable, "The stored definition \(old.name) is not one.")
        }
    }

    /// Runs a script that answers two numbers, again with the same token where the answer was lost.
    private func run(
        _ script: RedisScript, keys: [String], arguments: [any RedisArgument]
    ) async throws(DefinitionError) -> (code: Int64, number: Int64) {
        var last: RedisError?
        for _ in 0..<Self.repeatsMax {
            do {
                let parts = try await connection.run(script, keys: keys, arguments: arguments).requireArray()
                guard parts.count == 2 else { break }
                return (try parts[0].requireInteger(), try parts[1].requireInteger())
            } catch {
                last = error
                if error.retry == .never { break }
            }
        }
        throw last.map { DefinitionError($0) } ?? DefinitionError(.unavailable, "The store gave no answer.")
    }
}

extension DefinitionError {
    static func stale(_ kind: DefinitionKind, current: Int64) -> DefinitionError {
        DefinitionError(
            .stale, "The \(kind.singular) was changed since the revision given; it has revision \(current) now.",
            currentRevision: current)
    }
}
