import Models
import Redis

/// All that one batch of a partition's engine changes, gathered in memory, then committed as one script call.
///
/// Nothing is written before ``Committer/commit(_:)``. Where one thing is set more than once the last word counts.
package struct CommitBatch: Sendable {
    struct TravelerChange: Sendable {
        enum Expiry: Sendable { case asItIs, never, at(Int64) }

        var isDeleted = false
        var fields: [(String, [UInt8])] = []
        var removed: [String] = []
        var expiry = Expiry.asItIs

        /// Nothing is written to what was deleted.
        var isOnlyDeleted: Bool {
            guard isDeleted, fields.isEmpty, removed.isEmpty, case .asItIs = expiry else { return false }
            return true
        }

        mutating func set(_ field: String, _ value: [UInt8]) {
            removed.removeAll { $0.hasBytes(of: field) }
            if let place = fields.firstIndex(where: { $0.0.hasBytes(of: field) }) {
                fields[place].1 = value
            } else {
                fields.append((field, value))
            }
        }

        mutating func remove(_ field: String) {
            fields.removeAll { $0.0.hasBytes(of: field) }
            if !removed.contains(where: { $0.hasBytes(of: field) }) { removed.append(field) }
        }
    }

    /// Members of a sorted set with their new scores; nil: removed.
    struct ScoreChanges: Sendable {
        var order: [String] = []
        var scores: [ExactText: Int64?] = [:]

        mutating func set(_ member: String, _ score: Int64?) {
            if scores.updateValue(score, forKey: ExactText(member)) == nil { order.append(member) }
        }
    }

    struct Version: Sendable, Hashable {
        let journey: String
        let version: Int64
    }

    /// Refusals kept in a partition.
    package static let refusalsMax = 1_000
    /// Requests of a kind that are known to be given up, in a partition: an instance gives one up after a day at the
    /// earliest, so more of them are the backlog of an outage. Beyond it the oldest are forgotten, and would be
    /// performed if they still lay somewhere; their outcomes move nothing.
    package static let cancelledMax = 10_000

    package let keys: PartitionKeys
    package let fence: Int64
    package let previousCommit: Int64
    /// Elements of the inbox's head that this batch consumed.
    package private(set) var trim: Int
    /// How the last of them begins: a Redis that lost its tail may have others in their places.
    private(set) var lastTrimmed: [UInt8] = []
    /// The engine's time (ms).
    package let time: Int64
    /// The number of the partition's last step event, this batch's included.
    package var lastStep: Int64

    /// Bytes of step events that wait in the partition at most: past it the oldest are dropped, and counted as
    /// `droppedSteps` in the state. 0: as many as there are.
    package var stepsBytesMax = 64 << 20

    private(set) var travelers: [ExactText: TravelerChange] = [:]
    private(set) var travelerOrder: [String] = []
    private(set) var timers = ScoreChanges()
    private(set) var inside: [Version: ScoreChanges] = [:]
    private(set) var insideOrder: [Version] = []
    private(set) var held: [Version: ScoreChanges] = [:]
    private(set) var heldOrder: [Version] = []
    private(set) var reads: [String: ScoreChanges] = [:]
    private(set) var forgottenReads: [String] = []
    /// By the id of the test or dry run.
    var runs: [String: RunChanges] = [:]
    private(set) var requests: [RequestKind: [[UInt8]]] = [:]
    private(set) var cancelled: [RequestKind: [String]] = [:]
    private(set) var steps: [[UInt8]] = []
    private(set) var refusals: [[UInt8]] = []
    private(set) var parked: [[UInt8]] = []
    private(set) var stimuli: [[UInt8]] = []
    private(set) var expectations: [(personKey: String, revision: Int64)] = []
    private(set) var profiles: [(personKey: String, document: [UInt8])] = []
    private(set) var memberships: [(personKey: String, Membership)] = []
    /// The rules by which the memberships were computed; nil: no profile is written.
    package private(set) var audiencesNumber: Int64?
    private(set) var keptEvents: [(personKey: String, event: KeptEvent)] = []
    private(set) var stateFields: [(String, String?)] = []

    /// - Parameters:
    ///   - fence: of the lease.
    ///   - previousCommit: the number of the commit that this one follows.
    package init(
        keys: PartitionKeys, fence: Int64, previousCommit: Int64, time: Int64, lastStep: Int64, trim: Int
    ) {
        self.keys = keys
        self.fence = fence
        self.previousCommit = previousCommit
        self.trim = trim
        self.time = time
        self.lastStep = lastStep
    }

    /// Nothing is consumed or changed: there is nothing to commit.
    package var isEmpty: Bool {
        trim == 0 && travelers.isEmpty && timers.order.isEmpty && inside.isEmpty && held.isEmpty && requests.isEmpty
            && cancelled.isEmpty && steps.isEmpty
            && refusals.isEmpty && parked.isEmpty && stimuli.isEmpty && profiles.isEmpty && keptEvents.isEmpty
            && stateFields.isEmpty && runs.isEmpty && forgottenReads.isEmpty
    }

    /// Notes that these elements of the inbox's head are consumed. Where Redis has others in their places by the time
    /// of the commit, it answers ``CommitOutcome/behind``.
    package mutating func consume(_ elements: some BidirectionalCollection<[UInt8]>) {
        trim = elements.count
        lastTrimmed = Array((elements.last ?? []).prefix(128))
    }

    /// Sets fields of a traveler and removes others.
    package mutating func setTraveler(
        _ personKey: String, fields: [(String, [UInt8])], removing removed: [String] = []
    ) {
        change(personKey) { change in
            for (field, value) in fields { change.set(field, value) }
            for field in removed { change.remove(field) }
        }
    }

    /// Removes all that is kept of a traveler.
    package mutating func deleteTraveler(_ personKey: String) {
        change(personKey) { change in
            change = TravelerChange()
            change.isDeleted = true
        }
    }

    /// When Redis may forget the traveler (ms since 1970); nil: never.
    package mutating func expireTraveler(_ personKey: String, at time: Int64?) {
        change(personKey) { $0.expiry = time.map { .at($0) } ?? .never }
    }

    /// Sets a member's one timer (ms since 1970).
    package mutating func setTimer(_ member: String, due: Int64) { timers.set(member, due) }

    /// Takes a member's timer away.
    package mutating func clearTimer(_ member: String) { timers.set(member, nil) }

    /// Notes who is inside a version, since when (ms).
    package mutating func enter(journey: String, version: Int64, member: String, at time: Int64) {
        change(Version(journey: journey, version: version)) { $0.set(member, time) }
    }

    /// Notes who is inside a version no more.
    package mutating func leave(journey: String, version: Int64, member: String) {
        change(Version(journey: journey, version: version)) { $0.set(member, nil) }
    }

    /// Notes who of a version is held before an action, since when (ms).
    package mutating func hold(journey: String, version: Int64, member: String, at time: Int64) {
        changeHeld(Version(journey: journey, version: version)) { $0.set(member, time) }
    }

    /// Notes who of a version is held no more.
    package mutating func release(journey: String, version: Int64, member: String) {
        changeHeld(Version(journey: journey, version: version)) { $0.set(member, nil) }
    }

    /// Notes the number of the run of a journey that came to somebody.
    package mutating func noteRead(journey: String, personKey: String, run: Int64) {
        reads[journey, default: ScoreChanges()].set(personKey, run)
    }

    /// Forgets which run of a journey came to somebody.
    package mutating func forgetRead(journey: String, personKey: String) {
        reads[journey, default: ScoreChanges()].set(personKey, nil)
    }

    /// Forgets which run of a journey came to whom.
    package mutating func forgetReads(journey: String) { forgottenReads.append(journey) }

    /// A request to be claimed: `FetchRequest.element` or `ActionRequest.element`.
    package mutating func push(_ kind: RequestKind, _ element: [UInt8]) { requests[kind, default: []].append(element) }

    /// Gives a request up, wherever it lies: one that is claimed is taken from its worker, whose outcome is `late`
    /// then; any other is dropped by the claim that comes upon it, as a list is never searched.
    package mutating func cancel(_ kind: RequestKind, id: String) { cancelled[kind, default: []].append(id) }

    /// The step events of this batch: `StepBatch.element`.
    package mutating func pushSteps(_ element: [UInt8]) { steps.append(element) }

    /// Why someone did not enter or move: `Refusal.element`. The newest ``refusalsMax`` are kept.
    package mutating func refuse(_ element: [UInt8]) { refusals.append(element) }

    /// Puts a stimulus that cannot be read, or that killed its process, where a person will look for it.
    package mutating func park(_ element: [UInt8], reason: String) {
        var letter = ElementWriter(capacity: element.count + 128)
        letter.add("kind", "dead")
        letter.add("at", time)
        letter.add("reason", reason)
        if (try? JSONValue.parse(element)) != nil {
            letter.add("element", json: element)
        } else {
            letter.add("raw", String(decoding: element, as: UTF8.self))
        }
        parked.append(letter.finish())
    }

    /// A stimulus for the same partition, an object without `at`: it comes after all that are in the inbox by then.
    package mutating func append(_ element: [UInt8]) { stimuli.append(element) }

    /// The batch was computed from this revision of a profile, 0 for none: at another it answers
    /// ``CommitOutcome/changed``.
    package mutating func expectProfile(_ personKey: String, revision: Int64) {
        expectations.append((personKey, revision))
    }

    /// The document ends in `"revision":n,"updatedAt":ms}`, as `ProfileDocument` writes it. Its person is among the
    /// people afterwards.
    package mutating func setProfile(_ personKey: String, _ document: [UInt8]) {
        profiles.append((personKey, document))
    }

    /// The rules by which the memberships of a profile that this batch writes were computed, as
    /// `AudienceRules.changes`: where newer ones are known the batch answers ``CommitOutcome/changed``. To be given
    /// with every profile written, though no membership follows from it.
    package mutating func expectAudiences(_ number: Int64) { audiencesNumber = number }

    /// Makes a person a member of an audience, or none. `announcement` (`AudienceMove.element`) follows in the inbox if
    /// that changed anything; nil: nobody is told.
    package mutating func setMembership(
        audience: String, ruleRevision: Int64, personKey: String, isMember: Bool, announcement: [UInt8]?
    ) {
        let membership = Membership(
            audience: audience, ruleRevision: ruleRevision, isMember: isMember, announcement: announcement)
        memberships.append((personKey, membership))
    }

    /// Keeps an event with its person, newest first, within the bounds of ``KeptEvent``.
    package mutating func keepEvent(_ personKey: String, _ event: KeptEvent) { keptEvents.append((personKey, event)) }

    /// A field of the partition's state: `walk:…`, `suspect`.
    package mutating func setState(_ field: String, _ value: String) { stateFields.append((field, value)) }

    /// Removes a field of the partition's state.
    package mutating func clearState(_ field: String) { stateFields.append((field, nil)) }

    private mutating func change(_ personKey: String, _ edit: (inout TravelerChange) -> Void) {
        let key = ExactText(personKey)
        if travelers[key] == nil { travelerOrder.append(personKey) }
        edit(&travelers[key, default: TravelerChange()])
    }

    private mutating func changeHeld(_ version: Version, _ edit: (inout ScoreChanges) -> Void) {
        if held[version] == nil { heldOrder.append(version) }
        edit(&held[version, default: ScoreChanges()])
    }

    private mutating func change(_ version: Version, _ edit: (inout ScoreChanges) -> Void) {
        if inside[version] == nil { insideOrder.append(version) }
        edit(&inside[version, default: ScoreChanges()])
    }
}
