import Expressions
import Models
import Queues
import Redis
import TestKit

@testable import JourneyExecution

/// Tests and dry runs over the rig's partition.
extension RoundRig {
    var trials: TrialBook { TrialBook(book: book) }

    /// A test of these nodes, by a clock of its own where one is given.
    func beginTest(
        _ nodes: String, properties: String = "{}", clock: String?, sends: Bool = false
    ) async throws -> Trial {
        let text = #"{"name": "trial", "properties": \#(properties), "nodes": [\#(nodes)]}"#
        guard let document = try JSONValue.parse(text).objectValue else { throw TestKitError("no object: \(text)") }
        return try await trials.begin(
            .test, "trial", document, sends: sends, clockStart: clock.flatMap(Self.milliseconds))
    }

    static func milliseconds(_ text: String) -> Int64? { ISO8601.parseDateTime(text)?.instant }

    /// An event of the run, accepted by its inbox.
    func trigger(_ event: String, of person: String, id: String? = nil, in trial: Trial) async throws {
        let element = PersonEvent(
            id: id ?? "\(event)-\(person)", person: Person(namespace: "crmId", id: person), events: [event],
            payload: [:], run: trial.mark)
        _ = try await InboxAppender(redis: redis, keys: keys).append([
            InboxEntry(partition: 0, element: element.element)
        ])
    }

    /// A profile that tests may use.
    func makeTestProfile(_ person: String) async throws {
        let profile = ProfileDocument(
            person: Person(namespace: "crmId", id: person), attributes: ["testProfile": true], revision: 1,
            updatedAt: 1)
        _ = try await send(
            "SET", own.profile(profile.person.key), String(decoding: profile.bytes, as: UTF8.self))
    }

    /// Rounds until nothing is left to do but to wait.
    func settle(_ partition: inout OwnedPartition, walkPiece: Int = 200, most: Int = 400) async throws {
        for _ in 0..<most {
            try await round(&partition, walkPiece: walkPiece)
            let isIdle =
                try await send("LLEN", own.inbox) == .integer(0) && partition.walks.isEmpty
                && !partition.isClockOnItsWay(plans)
            if isIdle, !partition.isUncertain { return }
        }
        throw TestKitError("the partition does not come to rest")
    }

    func round(_ partition: inout OwnedPartition, walkPiece: Int = 200) async throws {
        var settings = EngineLoop.Settings()
        settings.walkPiece = walkPiece
        let outcome = await rounds.run([partition], settings: settings)
        guard let next = outcome.partitions.first else { throw TestKitError("the partition was lost") }
        partition = next
    }

    /// What is on record of a person in the run, in order: time, node or kind, way or status.
    func told(_ person: String, in trial: Trial) async throws -> [String] {
        var found: [String] = []
        for bytes in try await send("LRANGE", own.steps, "0", "-1").requireArray().compactMap(\.bytes) {
            for record in try StepBatch(bytes: bytes).records
            where record.person.id == person && record.run == trial.mark {
                found += record.events.filter { $0.kind != .event }.map { event in
                    let what = [event.node ?? event.kind.rawValue, event.path ?? event.status, event.code]
                    return ([Timestamp.text(event.at)] + what.compactMap(\.self)).joined(separator: " ")
                }
            }
        }
        return found
    }

    /// Every key that has the run's id in its name or, of the partition's own, in what it holds.
    func remains(of trial: Trial) async throws -> [String] {
        var found = try await send("KEYS", "*\(trial.mark.id)*").requireArray().compactMap(\.text)
        for field in try await send("HKEYS", own.state).requireArray().compactMap(\.text)
        where field.contains(trial.mark.id) { found.append("state \(field)") }
        for member in try await send("ZRANGE", own.timers, "0", "-1").requireArray().compactMap(\.text)
        where member.contains(trial.mark.id) { found.append("timers \(member)") }
        for field in try await send("HKEYS", keys.config("trials")).requireArray().compactMap(\.text)
        where field.contains(trial.mark.id) { found.append("trials \(field)") }
        return found
    }
}
