import Definitions
import Engine
import JSONRPC
import Models
import Queues
import Redis

/// Begins, advances and ends tests and dry runs. Each change is in every inbox before the call answers.
struct TrialBook: Sendable {
    /// How far a virtual clock goes at most by one call: ten years.
    static let advanceMax: Int64 = 3_653 * 86_400_000
    /// Virtual times are of the years that all texts of times have.
    private static let timeMax: Int64 = 253_402_300_799_999
    /// How long a call waits for a virtual clock that is on its way, and how often it looks.
    private static let patience = Duration.seconds(5)
    private static let look = Duration.milliseconds(20)

    let book: JourneyBook

    private var store: TrialStore { TrialStore(redis: book.inside.redis, keys: book.inside.keys) }

    /// Those that are under way, and those whose people are still being forgotten.
    func all() async throws(RPCError) -> [Trial] {
        do { return try await store.all() } catch { throw .unavailable(error.callerMessage, cause: error) }
    }

    /// The one of a journey that is under way; nil where there is none.
    func current(_ journey: String, _ kind: RunMark.Kind) async throws(RPCError) -> Trial? {
        try await all().last { $0.journey == journey && $0.mark.kind == kind && !$0.isEnding }
    }

    /// Begins one in the place of the journey's other of its kind.
    func begin(
        _ kind: RunMark.Kind, _ journey: String, _ document: JSONObject, waitMilliseconds: Int64? = nil,
        forced: [String: String] = [:], sends: Bool = false, clockStart: Int64? = nil
    ) async throws(RPCError) -> Trial {
        let catalogue: Catalogue
        do { catalogue = try await book.plans.catalogue() } catch { throw RPCError(error) }
        let read = JourneyDocument(document)
        // That something is past, or never comes, is no matter in a test.
        let findings = Plan.compile(read, version: Trial.version, catalogue: catalogue).findings
        if findings.contains(where: { $0.severity == .error }) {
            throw .journeyInvalid(findings: findings.map(\.json))
        }
        for old in try await all() where old.journey == journey && old.mark.kind == kind { try await end(old) }
        let most = kind == .test ? TrialStore.testsMax : TrialStore.dryRunsMax
        if try await all().count(where: { $0.mark.kind == kind && !$0.isEnding }) >= most {
            let what = kind == .test ? "tests" : "dry runs"
            throw .tooMuch(
                retryAfterMilliseconds: 60_000,
                "There are \(most) \(what) under way, as many as can be; stop one first.")
        }
        let now = book.clock()
        let trial = Trial(
            RunMark(id: "\(kind.rawValue)-\(journey)-\(now)", kind: kind), journey: journey, document: document,
            basis: Plan.basis(of: read, catalogue: catalogue), at: now,
            waitMilliseconds: waitMilliseconds, forced: forced, sends: sends,
            clock: clockStart.map { Trial.Clock(start: $0, to: $0) })
        do { try await store.save(trial) } catch { throw .unavailable(error.callerMessage, cause: error) }
        try await book.announce()
        return trial
    }

    /// Ends it: its people and all that is kept of them are forgotten, a bounded piece a commit. Safe to repeat; one
    /// that a crash interrupts is ended again by ``Housekeeping``.
    func end(_ trial: Trial) async throws(RPCError) {
        var ending = trial
        ending.isEnding = true
        do { try await store.save(ending) } catch { throw .unavailable(error.callerMessage, cause: error) }
        try await book.announce()
        try await book.tellAll(.stop(journey: trial.listed, version: Trial.version), id: "stop-\(trial.mark.id)")
        do { try await store.remove(trial.mark.id) } catch { throw .unavailable(error.callerMessage, cause: error) }
    }

    /// Ends again what a crash left ending.
    func tidy() async throws {
        for trial in try await all() where trial.isEnding { try await end(trial) }
        try await store.removeLostClocks()
    }

    // MARK: Virtual clocks

    /// Tells every partition where the test's clock shall be; it goes there on its own. Every partition is told before
    /// it is noted, so that a call that failed may be repeated and moves the clock once.
    func advance(_ trial: Trial, by milliseconds: Int64) async throws(RPCError) -> Trial {
        guard let clock = trial.clock else {
            throw .notValidInThisState(
                "The test of the journey \(trial.journey) goes by the real clock: "
                    + "start it with virtualClock to advance it."
            )
        }
        let to = clock.to + milliseconds
        if to > Self.timeMax {
            throw .invalidParams(path: "/by", message: "leads past the year 9999")
        }
        try await book.tellAll(.advance(run: trial.mark.id, to: to), id: "advance-\(trial.mark.id)-\(to)")
        do { try await store.save(clockOf: trial.mark.id, to: to) } catch {
            throw .unavailable(error.callerMessage, cause: error)
        }
        var advanced = trial
        advanced.clock?.to = to
        return advanced
    }

    /// Waits a little until these partitions, or all, are where the test's clock shall be.
    /// - Returns: whether they are.
    func isReached(_ trial: Trial, in partitions: [Int]? = nil) async throws(RPCError) -> Bool {
        guard let clock = trial.clock else { return true }
        let deadline = ContinuousClock.now + Self.patience
        while true {
            if try await slowest(trial, clock, in: partitions) >= clock.to { return true }
            if ContinuousClock.now >= deadline || Task.isCancelled { return false }
            try? await Task.sleep(for: Self.look)
        }
    }

    /// Where the clock is in the partition that is furthest behind.
    func now(of trial: Trial) async throws(RPCError) -> Int64? {
        guard let clock = trial.clock else { return nil }
        return try await slowest(trial, clock, in: nil)
    }

    private func slowest(
        _ trial: Trial, _ clock: Trial.Clock, in partitions: [Int]?
    ) async throws(RPCError) -> Int64 {
        var slowest = Int64.max
        do {
            for partition in partitions ?? Array(0..<book.partitions) {
                let command = RedisCommand(
                    "HGET", book.inside.keys.partition(partition).state, TrialClock.field(trial.mark.id))
                let reply = try await book.inside.redis.node(forPartition: partition).send(command)
                slowest = min(slowest, reply.text.flatMap(TrialClock.init(text:))?.now ?? clock.start)
            }
        } catch { throw .unavailable(error.callerMessage, cause: error) }
        return slowest
    }
}
