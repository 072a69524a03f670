/// Makes every key and channel of Sojourn in Redis: nowhere else is one put together.
///
/// All keys of one partition share a hash tag, `{sj:7}`, and so one slot of Redis Cluster; the configuration has its
/// own, `{sj:config}`.
package struct QueueKeys: Sendable, Hashable {
    package let prefix: String

    /// `prefix`: what every key begins with; deployments with different ones share a Redis without meeting.
    package init(prefix: String = "sj") {
        self.prefix = prefix
    }

    /// The keys of one partition.
    package func partition(_ number: Int) -> PartitionKeys {
        PartitionKeys(number: number, tag: "{\(prefix):\(number)}:", wakePrefix: "\(prefix):wake:")
    }

    /// A hash, string or list of the configuration: `{sj:config}:events`, `{sj:config}:revision`.
    package func config(_ kind: String) -> String { "{\(prefix):config}:\(kind)" }

    /// Sorted set of the live replicas of a service, by the time of their last sign of life.
    package func replicas(_ service: String) -> String { config("replicas:\(service)") }

    /// The channel on which changes of the configuration are announced.
    package var configChannel: String { "\(prefix):config" }

    /// The channel that says that a partition's list was empty and is no more.
    package func wake(_ queue: WakeQueue, partition: Int) -> String {
        "\(prefix):wake:\(queue.rawValue):\(partition)"
    }

    /// The pattern of a queue's wake channels in all partitions.
    package func wakePattern(_ queue: WakeQueue) -> String { "\(prefix):wake:\(queue.rawValue):*" }

    /// The channel of live sums of a journey, used while somebody watches.
    package func live(_ journey: String) -> String { "\(prefix):live:\(journey)" }
}

/// The lists whose readers are woken.
package enum WakeQueue: String, Sendable, Hashable, CaseIterable {
    case inbox, fetches, actions, steps
}

/// The two kinds of requests that meet the outside world.
package enum RequestKind: String, Sendable, Hashable, CaseIterable {
    case fetches, actions

    /// Whose readers a request of this kind wakes.
    package var wakeQueue: WakeQueue { self == .fetches ? .fetches : .actions }

    /// The field of a partition's state with the bytes of those put off.
    var waitingField: String { "waiting:\(rawValue)" }
}

/// The keys of one partition. A person stands in them as `Person.key` encodes it.
package struct PartitionKeys: Sendable, Hashable {
    package let number: Int
    private let tag: String
    private let wakePrefix: String

    init(number: Int, tag: String, wakePrefix: String) {
        self.number = number
        self.tag = tag
        self.wakePrefix = wakePrefix
    }

    /// A key of the partition by the rest of its name.
    func key(_ rest: String) -> String { tag + rest }

    /// List of stimuli, in the order of acceptance.
    package var inbox: String { tag + "inbox" }
    /// List of stimuli that could not be read or that killed their process.
    package var inboxDead: String { tag + "inbox:dead" }
    /// Hash: fence, owner, returned, careful, commit, time, appended, step, revision, audiences, suspect,
    /// walks, counters.
    package var state: String { tag + "state" }
    /// Sorted set: due time (ms) of each instance's earliest timer.
    package var timers: String { tag + "timers" }
    /// List of step events, one element a commit.
    package var steps: String { tag + "steps" }
    /// List of the newest refusals, newest first.
    package var refusals: String { tag + "refusals" }
    /// Sorted set of everyone in the partition, walked by name.
    package var people: String { tag + "people" }
    /// Sorted set of an audience's members, walked by name: one for each revision of its rule.
    package func audience(_ name: String, _ ruleRevision: Int64) -> String { tag + "audience:\(name):\(ruleRevision)" }
    /// What the keys of the duplicate window begin with: `…:<generation>:<bucket>`.
    package var seen: String { tag + "seen" }

    /// String that expires: the owner of the partition, for a service.
    package func lease(_ service: String) -> String { tag + "lease:" + service }
    /// Hash: `i:<instance>` an instance's state, `e:<journey>` the last entry.
    package func traveler(_ personKey: String) -> String { tag + "traveler:" + personKey }
    /// String: the profile document.
    package func profile(_ personKey: String) -> String { tag + "profile:" + personKey }
    /// List of kept events, newest first.
    package func events(_ personKey: String) -> String { tag + "events:" + personKey }
    /// Sorted set: entry time (ms) of each instance inside a version.
    package func inside(_ journey: String, _ version: Int64) -> String { tag + "inside:\(journey):\(version)" }

    /// Sorted set: since when (ms) each instance of a version is held before an action.
    package func held(_ journey: String, _ version: Int64) -> String { tag + "held:\(journey):\(version)" }

    /// Sorted set: the number of the last run of a journey that came to each member of its audience, where it reads
    /// only who is new.
    package func read(_ journey: String) -> String { tag + "read:\(journey)" }

    /// Sorted set: the timers of a test with a clock of its own, by that clock (ms).
    package func runTimers(_ run: String) -> String { tag + "run:\(run):timers" }

    /// Sorted set, walked by name: everyone of whom a test or a dry run keeps something here.
    package func runPeople(_ run: String) -> String { tag + "run:\(run):people" }

    /// List of requests not yet claimed.
    package func requests(_ kind: RequestKind) -> String { tag + kind.rawValue }
    /// Hash: claimed requests by id.
    package func claimed(_ kind: RequestKind) -> String { tag + kind.rawValue + ":claimed" }
    /// Sorted set: requests whose turn comes later, by that time (ms).
    package func retry(_ kind: RequestKind) -> String { tag + kind.rawValue + ":retry" }
    /// Hash: bytes of those by lane, the action's name or source and group of a look-up. Their sum is in the state.
    package func waiting(_ kind: RequestKind) -> String { tag + kind.rawValue + ":waiting" }
    /// List of requests that two workers died with: each is taken alone.
    package func suspects(_ kind: RequestKind) -> String { tag + kind.rawValue + ":suspects" }
    /// Sorted set: ids of requests that their instances gave up, by that time (ms), until a claim comes upon them.
    package func cancelled(_ kind: RequestKind) -> String { tag + kind.rawValue + ":cancelled" }
    /// List of dead letters, newest last.
    package func dead(_ kind: RequestKind) -> String { tag + kind.rawValue + ":dead" }

    /// The channel of ``QueueKeys/wake(_:partition:)``.
    package func wake(_ queue: WakeQueue) -> String { wakePrefix + queue.rawValue + ":\(number)" }
}
