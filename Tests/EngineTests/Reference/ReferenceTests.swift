import Engine
import Foundation
import Models
import Testing

/// How many histories are played: `SOJOURN_PROPERTY_RUNS`, or as many as fit into the seconds that follow; and from
/// which seed: `SOJOURN_PROPERTY_SEED`.
@Suite("The engine and the reference model")
struct ReferenceTests {
    static let seconds = 60.0

    static func number(_ name: String) -> UInt64? {
        ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
    }

    @Test("Random journeys with random histories come to the same in both")
    func same() {
        let first = Self.number("SOJOURN_PROPERTY_SEED") ?? UInt64.random(in: 0...UInt64(UInt32.max))
        let count = Self.number("SOJOURN_PROPERTY_RUNS")
        let clock = ContinuousClock(), began = clock.now
        var played: UInt64 = 0
        while count.map({ played < $0 }) ?? (clock.now - began < .seconds(Self.seconds)) {
            let seed = first &+ played
            var history = ReferenceHistory(seed: seed)
            history.play(60)
            played += 1
            if let difference = history.run.difference {
                let log = history.run.log.joined(separator: "\n")
                Issue.record("SOJOURN_PROPERTY_SEED=\(seed) SOJOURN_PROPERTY_RUNS=1\n\(log)\n\(difference)")
                break
            }
            if let problem = Self.replayProblem(history.run) {
                Issue.record("replay, SOJOURN_PROPERTY_SEED=\(seed): \(problem)")
                break
            }
        }
        print("reference model: \(played) histories from seed \(first)")
    }

    /// Membership that changes within a stimulus; a version whose time has passed when somebody comes to it; one that
    /// reads of earlier events what the version before did not keep; more open goals than are kept; a jump that is refused
    /// to somebody who came to it by an event that was kept.
    @Test(
        "Histories that once came to something else",
        arguments: [1_020_765, 1_037_214, 1_053_403, 3_000_089_329, 3_000_629_315, 3_000_223_659, 2_220_250_059] as [UInt64])
    func mended(seed: UInt64) {
        var history = ReferenceHistory(seed: seed)
        history.play(60)
        #expect(history.run.difference == nil)
        #expect(Self.replayProblem(history.run) == nil)
    }

    @Test("The random histories come by every kind of step, type of node and reason")
    func coverage() {
        var missing: Set<String> = [
            "event", "audience", "readAudience", "businessEvent", "reaction", "condition", "wait", "action", "email",
            "sms",
            "push", "updateProfile", "jump", "end", "nullTime", "maxVisits", "lookupFailed", "noOutcome", "http_500",
            "missingParameter", "journeyUnknown", "journeyNotLive", "nodeGone", "nodeChanged", "versionNotLive",
            "forcedReentrance", "globalTimeout", "journeyEnded", "exit", "paused", "alreadyInside", "reentranceTooSoon",
            "reentranceOff", "notLive", "ended", "internalError", "outcome", "timedout",
        ]
        // Of an event that caused nothing, whose record the owner makes.
        missing.formUnion(StepEvent.Kind.allCases.filter { $0 != .event }.map(\.rawValue))
        var played: UInt64 = 0
        while !missing.isEmpty, played < 2_000 {
            var history = ReferenceHistory(seed: 77 &+ played)
            history.play(60)
            missing.subtract(history.run.seen)
            played += 1
        }
        #expect(missing.isEmpty, "never seen: \(missing.sorted())")
        print("reference model: everything was seen within \(played) histories")
    }

    /// Instances of journeys with a full history run again as they ran.
    static func replayProblem(_ run: ReferenceRun) -> String? {
        let full = Set(
            run.model.versions.filter { $0.document.document["properties"]?["history"] == "full" }
                .map { "\($0.journey):\($0.number)" })
        for (instance, records) in run.records.sorted(by: { $0.key < $1.key }) {
            // What an instance did by an event that it had kept has no input of its own, so the versions say whether
            // all was kept: somebody may have moved from one that keeps it to one that does not.
            guard records.allSatisfy({ full.contains("\($0.journey):\($0.version)") }) else { continue }
            let plans = run.members.map(\.plan).filter { $0.journey == records[0].journey }
            do {
                let found = try InstanceReplay.run(records: records, plans: plans)
                if let difference = InstanceReplay.difference(records, found) {
                    return
                        "\(instance) \(difference.record): \(difference.expected)\n\(String(describing: difference.found))"
                }
            } catch { return "\(instance): \(error)" }
        }
        return nil
    }
}
