import Engine
import Models
import Queues

/// A partition that this replica owns: the lease's numbers and what it holds in memory.
struct OwnedPartition {
    /// Timers read in a round; many more as soon as all that were read are due.
    static let timersFirst = 8
    /// Commits after which the members of groups of entries are told again.
    static let groupsToldEvery: Int64 = 512

    let number: Int
    let keys: PartitionKeys
    private(set) var fence: Int64
    /// Number of the last commit.
    var commit: Int64
    /// Number of the last step event.
    var lastStep: Int64
    /// Latest time used; never runs back.
    var time: Int64
    /// Shared by all copies of this value, which are made freely in a round.
    let travelers: TravelerMemory
    var timersMax = Self.timersFirst
    var readSize = ReadSize()
    /// The inbox may hold something: it was not empty when last read, or a wake-up came.
    var mayHaveElements = true
    /// When the earliest timer is due, as far as known.
    var nextTimer: Int64?
    /// How far the partition's time was before this machine's clock at the last read (ms).
    var clockLead: Int64 = 0
    /// The newest configuration that an element was handled by: none is handled by an older one, whoever owns it.
    var revision: Int64
    var caution: Caution
    /// An owner before died over the commit that comes next: it is made with nothing else beside it, so that another
    /// partition's element is not taken for the deadly one.
    var isSuspected: Bool
    /// A commit found a key of the wrong type: the next round looks whose it is.
    var checksKeys = false
    /// A commit's outcome is unknown: the lease is taken anew before anything else.
    var isUncertain = false
    /// Versions whose people are being led out, a piece a round.
    var walks: Set<StopWalk>
    /// By the fields of the state that they are kept in.
    var tours: [String: Tour] = [:]
    var tourLog: TourLog
    /// Runs that business events of this partition start and that are not in every inbox yet, by their ids.
    var starts: [String: AudienceRun] = [:]
    /// Those of them that are: the next commit forgets them.
    var started: Set<String> = []
    /// Groups of entries whose members the step store was told lately.
    private(set) var toldGroups: Set<String> = []
    /// Virtual clocks, by the ids of their tests.
    var clocks: [String: TrialClock] = [:]
    /// The field of the tour that had the last turn.
    var lastTour = ""

    /// - Parameter partitions: of the deployment.
    init(_ lease: HeldLease, keys: QueueKeys, partitions: Int) {
        number = lease.partition
        self.keys = keys.partition(lease.partition)
        travelers = TravelerMemory(partitions: partitions)
        fence = lease.fence
        commit = lease.commit
        lastStep = lease.step
        time = lease.time
        revision = lease.state["revision"].flatMap { Int64($0) } ?? 0
        caution = Caution(lease)
        isSuspected = lease.careful && caution.isAlone
        walks = Set(lease.state.keys.compactMap(StopWalk.init(field:)))
        tourLog = TourLog(text: lease.state[TourLog.field])
        for (field, text) in lease.state {
            tours[field] = Tour(field: field, text: text)
            if let trial = TrialClock.trial(field: field) { clocks[trial] = TrialClock(text: text) }
            if let run = RunStart(field: field, text: text) { starts[run.run.id] = run.run }
        }
    }

    /// The virtual clock that goes on next: of the tests that are still under way.
    func clockOnItsWay(_ snapshot: PlanSnapshot) -> (trial: String, clock: TrialClock)? {
        if clocks.isEmpty { return nil }
        return clocks.filter { $0.value.isOnItsWay && snapshot.trials[$0.key] != nil }
            .min { ($0.value.now, $0.key) < ($1.value.now, $1.key) }.map { ($0.key, $0.value) }
    }

    /// Whether a virtual clock goes on now; costs nothing where there is none.
    func isClockOnItsWay(_ plans: PlanKeeper) -> Bool {
        !clocks.isEmpty && clockOnItsWay(plans.current) != nil
    }

    /// When to look for the earliest timer or the next turn of a tour, by this machine's clock, which may be hours from
    /// Redis' own.
    var nextLook: Int64? { [nextTimer, nextTour].compactMap(\.self).min().map { $0 - clockLead } }

    /// Forgets what may not be so: after an unknown outcome everything is read again.
    mutating func forget() {
        travelers.removeAll()
        mayHaveElements = true
    }

    /// Notes that a commit told the members of these groups; now and then all are told anew, for a step store that
    /// began anew itself.
    mutating func noteTold(_ groups: some Sequence<String>) {
        if commit.isMultiple(of: Self.groupsToldEvery) { toldGroups = [] } else { toldGroups.formUnion(groups) }
    }

    /// Notes what a read of timers told: when the next is due at the earliest, and how many to read next.
    mutating func noteTimers(_ read: [DueTimer], limit: Int, earliest: Int64?, now: Int64, most: Int) {
        nextTimer = earliest
        timersMax = Self.timersFirst
        guard read.count >= limit, let last = read.last else { return }
        // There may be more, none of them due before the last one read.
        nextTimer = min(earliest ?? .max, last.due)
        if last.due <= now { timersMax = most }
    }

    func newBatch(time: Int64) -> CommitBatch {
        CommitBatch(keys: keys, fence: fence, previousCommit: commit, time: time, lastStep: lastStep, trim: 0)
    }
}

/// A stopped version whose people are led out of this partition; kept in the state hash until nobody is inside.
struct StopWalk: Hashable {
    let journey: String
    let version: Int64

    init(journey: String, version: Int64) {
        self.journey = journey
        self.version = version
    }

    init?(field: String) {
        let parts = field.split(separator: ":", maxSplits: 2)
        guard parts.count == 3, parts[0] == "walk", let version = Int64(parts[1]) else { return nil }
        self.init(journey: String(parts[2]), version: version)
    }

    /// The test or dry run whose people are forgotten, where it is one that ends.
    var trial: String? { TravelerKey(journey).trial }

    /// What step events name as their cause.
    var cause: String { "stop-\(journey)-\(version)" }

    var field: String { "walk:\(version):\(journey)" }
}

/// A member of `timers` and of `inside`: `<person key> <instance>`.
struct InstancePlace {
    let personKey: String
    let instance: String

    init(personKey: String, instance: String) {
        self.personKey = personKey
        self.instance = instance
    }

    init?(member: String) {
        guard let blank = member.utf8.firstIndex(of: UInt8(ascii: " ")) else { return nil }
        personKey = String(member[..<blank])
        instance = String(member[member.utf8.index(after: blank)...])
    }

    /// Of the person, or of what a test makes of the person.
    var key: TravelerKey { TravelerKey(personKey) }

    static func member(personKey: String, instance: String) -> String { "\(personKey) \(instance)" }
}
