import Engine
import Logging
import Models
import Queues

/// One round over several partitions: two pipelines of reads, the pure engine, one pipeline of commits.
struct RoundRunner: Sendable {
    /// What came of asking for a partition's lease with a higher fence.
    enum Retaken: Sendable {
        case taken(HeldLease)
        case lost
        /// Redis did not say; it is asked again in the next round.
        case unknown
    }

    struct Outcome: Sendable {
        var partitions: [OwnedPartition] = []
        /// Redis did not answer: the next round waits a little.
        var isInterrupted = false
        /// Partitions that another owner holds by now.
        var lost: [Int] = []
        /// Elements and timers that were taken.
        var elements = 0
    }

    let keys: QueueKeys
    let reader: RoundReader
    let committer: Committer
    let plans: PlanKeeper
    /// Of the deployment.
    let partitions: Int
    let starter: RunStarter
    let retake: @Sendable (OwnedPartition) async -> Retaken
    /// Another owner has the partition; the fence says which lease is meant.
    let forget: @Sendable (_ partition: Int, _ fence: Int64) -> Void
    /// Keeps the rounds of other loops away from a suspected commit.
    let alone: Turn
    /// How long a timer is put off whose person has a key of the wrong type.
    let brokenRetry: Duration
    let faults: FaultPoints
    let metrics: EngineMetrics
    let logger: Logger
    /// Milliseconds since 1970, by this machine's clock: only for how long to wait.
    let clock: @Sendable () -> Int64

    /// Everything that is known of one partition's round before its batch is computed.
    struct Work {
        var partition: OwnedPartition
        let read: RoundRead
        var stimuli: [(element: [UInt8], stimulus: Stimulus?, problem: String)] = []
        var leaving: [(walk: StopWalk, members: [String])] = []
        var tour: TourPiece?
        var clock: ClockPiece?
        var timers: [DueTimer] = []
        let timersMax: Int
        var horizon: Int64
        /// People whose kept events are needed or not by what their travelers will show.
        var unsure: [(key: String, stimulus: EngineStimulus)] = []
        /// Tries so far of the one element that is taken carefully.
        var tries = 0
        /// Places of stimuli that another partition has by now.
        var strays: Set<Int> = []

        /// Elements, timers and people that are taken.
        var count: Int {
            stimuli.count + timers.count + leaving.reduce(0) { $0 + $1.members.count } + (tour?.stops.count ?? 0)
                + (clock?.timers.count ?? 0)
        }

        /// Nothing is taken of the inbox, the timers or those to lead out.
        var isEmpty: Bool { count == 0 }

        /// Nothing more was in the inbox or due.
        var isWhole: Bool {
            read.isWholeInbox && stimuli.count == read.elements.count && timers.count < timersMax
        }

        /// One thing is taken that may have killed the owner before.
        var isAlone: Bool { partition.caution.isAlone || count == 1 }

        var mark: SuspectMark {
            SuspectMark(
                partition: partition.number, fence: partition.fence, commit: partition.commit,
                things: max(count, partition.caution.alone), isAlone: isAlone)
        }

        /// The configuration that it must be handled by, or a newer one.
        var revision: Int64 {
            guard case .configuration(let revision)? = stimuli.first?.stimulus?.body else { return partition.revision }
            return max(revision, partition.revision)
        }
    }

    /// Suspected partitions one by one, each with no other round beside it in this process, whose death it would be
    /// taken for; then the others together.
    func run(_ all: [OwnedPartition], settings: EngineLoop.Settings) async -> Outcome {
        var outcome = Outcome()
        let active = await resolveUncertain(all, &outcome)
        let suspected = active.filter(\.isSuspected)
        if !suspected.isEmpty {
            if await alone.begin() {
                for partition in suspected { await run(certain: [partition], settings: settings, &outcome) }
                alone.end()
            } else {
                putBack(suspected, &outcome)
            }
        }
        let others = active.filter { !$0.isSuspected }
        if others.isEmpty { return outcome }
        if await alone.beginBeside() {
            await run(certain: others, settings: settings, &outcome)
            alone.endBeside()
        } else {
            putBack(others, &outcome)
        }
        return outcome
    }

    /// Another loop has the turn; the next round asks again.
    private func putBack(_ waiting: [OwnedPartition], _ outcome: inout Outcome) {
        outcome.partitions += waiting
        outcome.isInterrupted = true
    }

    private func run(
        certain active: [OwnedPartition], settings: EngineLoop.Settings, _ outcome: inout Outcome
    ) async {
        faults.pass(.beforeRead)
        let reads = await reader.read(active.map { ask($0) })
        var works: [Work] = []
        for (partition, read) in zip(active, reads) {
            switch read {
            case .success(let read): works.append(work(partition, read))
            case .failure(let error):
                logger.warning(
                    "a partition could not be read",
                    metadata: ["partition": "\(partition.number)", "error": "\(error)"])
                var partition = partition
                partition.readSize.shrink()
                outcome.partitions.append(partition)
                outcome.isInterrupted = true
            }
        }
        await sendStraysOn(&works, &outcome)
        let snapshot = await plansFor(&works, &outcome)
        await prepare(&works, snapshot, settings: settings, &outcome)
        let loaded = await load(&works, snapshot, &outcome)
        faults.pass(.afterRead)
        await commit(works, loaded, snapshot, &outcome)
        faults.pass(.afterCommit)
    }

    private func ask(_ partition: OwnedPartition) -> RoundAsk {
        let isAlone = partition.caution.isAlone
        return RoundAsk(
            partition: partition.number, elementsMax: isAlone ? 1 : partition.readSize.elementsMax,
            timersMax: isAlone ? 1 : partition.timersMax, notBefore: partition.time)
    }

    /// Reads the elements; a batch ends before a configuration change that is not its first element, so that what
    /// comes before it is handled by the plans of before.
    private func work(_ partition: OwnedPartition, _ read: RoundRead) -> Work {
        var work = Work(
            partition: partition, read: read, timersMax: partition.caution.isAlone ? 1 : partition.timersMax,
            horizon: read.horizon)
        if !partition.caution.isAlone {
            work.partition.readSize.note(
                elements: read.elements.count, bytes: read.elements.reduce(0) { $0 + $1.count })
        }
        work.partition.nextTimer = read.timers.first?.due
        work.partition.clockLead = read.now - clock()
        let batch = read.elements.prefix(ReadSize.batch(of: read.elements))
        work.horizon = read.horizon(taking: batch.count)
        for element in batch {
            do {
                let stimulus = try Stimulus(bytes: element)
                if case .configuration = stimulus.body, !work.stimuli.isEmpty {
                    work.horizon = read.horizon(taking: work.stimuli.count)
                    return finished(work)
                }
                work.stimuli.append((element, stimulus, ""))
            } catch {
                work.stimuli.append((element, nil, error.reason))
            }
        }
        return finished(work)
    }

    private func finished(_ work: Work) -> Work {
        var work = work
        if work.partition.caution.isAlone, let element = work.stimuli.first, let timer = work.read.timers.first {
            // Alone is one thing at a time, so that a person whose timer is due does not fall with the element.
            if timer.due <= min(element.stimulus?.at ?? 0, work.horizon) {
                work.stimuli = []
                work.horizon = timer.due
            } else {
                work.horizon = min(work.horizon, timer.due - 1)
            }
        }
        stopBeforeUnreadTimers(&work)
        work.timers = work.read.timers.filter { $0.due <= work.horizon }
        work.partition.mayHaveElements = !work.read.elements.isEmpty || !work.read.isWholeInbox
        return work
    }

    /// Where more timers are due than were read, what comes after the last one read waits for the next round: it has
    /// its place among them.
    private func stopBeforeUnreadTimers(_ work: inout Work) {
        guard !work.partition.caution.isAlone, work.read.timers.count >= work.timersMax,
            let first = work.read.timers.first?.due, let last = work.read.timers.last?.due, last <= work.horizon
        else { return }
        let before = work.stimuli.prefix { (RoundRead.acceptance(of: $0.element) ?? 0) < last }
        work.stimuli.removeLast(work.stimuli.count - before.count)
        work.horizon = first < last ? last - 1 : last
    }

    /// The plans to work with: at least as new as those that each partition went by before, under whatever owner, and
    /// as the configuration change that its batch begins with.
    private func plansFor(_ works: inout [Work], _ outcome: inout Outcome) async -> PlanSnapshot {
        let current = plans.current
        let wanted = works.map(\.revision).max() ?? 0
        if wanted <= current.revision { return current }
        if let newer = await plans.load(atLeast: wanted) { return newer }
        // Without its configuration nothing of a partition may be handled; it is read again in the next round.
        let blocked = works.filter { $0.revision > current.revision }
        works.removeAll { $0.revision > current.revision }
        outcome.partitions += blocked.map(\.partition)
        outcome.isInterrupted = true
        return current
    }

    /// What needs more of Redis first: people to lead out, and the mark before an element that may be deadly.
    private func prepare(
        _ works: inout [Work], _ snapshot: PlanSnapshot, settings: EngineLoop.Settings, _ outcome: inout Outcome
    ) async {
        for place in works.indices {
            let isAlone = works[place].partition.caution.isAlone
            // Alone is one thing at a time: a walk has its turn where nothing else is to be done.
            if isAlone && !works[place].isEmpty { continue }
            for walk in works[place].partition.walks.prefix(1) {
                do throws(QueueError) {
                    let members = try await members(
                        of: walk, in: works[place].partition, limit: isAlone ? 1 : settings.walkPiece)
                    works[place].leaving.append((walk, members))
                } catch {
                    logger.warning("people inside could not be read", metadata: ["error": "\(error)"])
                    outcome.isInterrupted = true
                }
            }
            if isAlone && !works[place].isEmpty { continue }
            await planTour(&works[place], snapshot, limit: isAlone ? 1 : settings.walkPiece, &outcome)
            if isAlone && !works[place].isEmpty { continue }
            await planClock(&works[place], snapshot, limit: isAlone ? 1 : settings.walkPiece, &outcome)
        }
        await markCareful(&works, &outcome)
    }

    /// Notes what may have ended the owner before; without the note nothing of it is done.
    private func markCareful(_ works: inout [Work], _ outcome: inout Outcome) async {
        let careful = works.indices.filter { works[$0].partition.caution.isMarking && !works[$0].isEmpty }
        if careful.isEmpty { return }
        var unmarked: Set<Int> = []
        for (place, tries) in zip(careful, await committer.mark(careful.map { works[$0].mark })) {
            switch tries {
            case .success(let tries): works[place].tries = tries ?? 0
            case .failure: unmarked.insert(place)
            }
        }
        if unmarked.isEmpty { return }
        outcome.isInterrupted = true
        outcome.partitions += unmarked.sorted().map { works[$0].partition }
        works = works.indices.filter { !unmarked.contains($0) }.map { works[$0] }
    }

    /// After an unknown outcome whether the commit happened shows in the number that comes with the lease, whose
    /// higher fence refuses that commit should it still be on its way.
    private func resolveUncertain(_ all: [OwnedPartition], _ outcome: inout Outcome) async -> [OwnedPartition] {
        var certain: [OwnedPartition] = []
        for partition in all {
            guard partition.isUncertain else {
                certain.append(partition)
                continue
            }
            switch await retake(partition) {
            case .taken(let lease):
                var taken = OwnedPartition(lease, keys: keys, partitions: partitions)
                taken.readSize = partition.readSize
                taken.checksKeys = partition.checksKeys
                // It lives: the commit without an outcome did not end its process.
                taken.caution = partition.caution
                taken.isSuspected = partition.isSuspected
                certain.append(taken)
            case .lost: outcome.lost.append(partition.number)
            case .unknown:
                outcome.partitions.append(partition)
                outcome.isInterrupted = true
            }
        }
        return certain
    }
}
