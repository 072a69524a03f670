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
        var timers: [DueTimer] = []
        let timersMax: Int
        var horizon: Int64
        /// Tries so far of the one element that is taken carefully.
        var tries = 0

        /// Nothing is taken of the inbox, the timers or those to lead out.
        var isEmpty: Bool {
            stimuli.isEmpty && timers.isEmpty && leaving.allSatisfy { $0.members.isEmpty }
                && tour?.stops.isEmpty ?? true
        }

        /// Something is taken that may have killed the owner before.
        var isCareful: Bool { partition.carefulLeft > 0 && !isEmpty }

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
        let snapshot = await plansFor(&works, &outcome)
        await prepare(&works, snapshot, settings: settings, &outcome)
        let loaded = await load(&works, snapshot, &outcome)
        faults.pass(.afterRead)
        await commit(works, loaded, snapshot, &outcome)
        faults.pass(.afterCommit)
    }

    private func ask(_ partition: OwnedPartition) -> RoundAsk {
        let isCareful = partition.carefulLeft > 0
        return RoundAsk(
            partition: partition.number, elementsMax: isCareful ? 1 : partition.readSize.elementsMax,
            timersMax: isCareful ? 1 : partition.timersMax, notBefore: partition.time)
    }

    /// Reads the elements; a batch ends before a configuration change that is not its first element, so that what
    /// comes before it is handled by the plans of before.
    private func work(_ partition: OwnedPartition, _ read: RoundRead) -> Work {
        var work = Work(
            partition: partition, read: read, timersMax: partition.carefulLeft > 0 ? 1 : partition.timersMax,
            horizon: read.horizon)
        work.partition.readSize.note(
            elements: read.elements.count, bytes: read.elements.reduce(0) { $0 + $1.count })
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
        if work.partition.carefulLeft > 0, let element = work.stimuli.first, let timer = work.read.timers.first {
            // Careful is one thing at a time, so that a person whose timer is due does not fall with the element.
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
        guard work.partition.carefulLeft == 0, work.read.timers.count >= work.timersMax,
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
            let isCareful = works[place].partition.carefulLeft > 0
            // Careful is one thing at a time: a walk has its turn where nothing else is to be done.
            if isCareful && !works[place].isEmpty { continue }
            for walk in works[place].partition.walks.prefix(1) {
                do {
                    let members = try await reader.inside(
                        works[place].partition.number, journey: walk.journey, version: walk.version,
                        limit: isCareful ? 1 : settings.walkPiece)
                    works[place].leaving.append((walk, members.map(\.member)))
                } catch {
                    logger.warning("people inside could not be read", metadata: ["error": "\(error)"])
                    outcome.isInterrupted = true
                }
            }
            if isCareful && !works[place].isEmpty { continue }
            await planTour(&works[place], snapshot, limit: isCareful ? 1 : settings.walkPiece, &outcome)
        }
        let careful = works.indices.filter { works[$0].isCareful }
        if careful.isEmpty { return }
        let marks = await committer.markSuspects(
            careful.map { (works[$0].partition.number, works[$0].partition.fence, works[$0].partition.commit) })
        for (place, mark) in zip(careful, marks) {
            switch mark {
            case .success(let tries): works[place].tries = tries ?? 0
            case .failure:
                works[place].stimuli = []
                works[place].timers = []
                works[place].leaving = []
                works[place].tour = nil
                outcome.isInterrupted = true
            }
        }
    }

    /// Only of people that the batch touches; who is broken cannot be moved.
    struct Loaded {
        var travelers: [String: Traveler] = [:]
        var profiles: [String: ProfileDocument] = [:]
        var kept: [String: KeptEvents] = [:]
        var broken: Set<String> = []
    }

    /// The people that the batches touch: travelers that are not held, profiles that a plan may read.
    /// Partitions whose people cannot be read wait for the next round.
    private func load(_ works: inout [Work], _ snapshot: PlanSnapshot, _ outcome: inout Outcome) async -> [Loaded] {
        var asks: [PeopleAsk] = []
        var held: [[String: Traveler]] = []
        for work in works {
            var travelers: Set<String> = []
            var profiles: Set<String> = []
            var events: Set<String> = []
            var known: [String: Traveler] = [:]
            var checked: Set<String> = []
            func need(_ key: String, _ stimulus: EngineStimulus?, trial: String? = nil) {
                if let trial {
                    // A test may read the profile whatever its plan says of it: there are few of them.
                    profiles.insert(key)
                    travelers.insert(TravelerKey(personKey: key, trial: trial).text)
                    if snapshot.trials[trial]?.journeys.readsKeptEvents ?? false { events.insert(key) }
                    return
                }
                if work.partition.checksKeys { checked.insert(key) }
                let held = known[key] ?? work.partition.travelers[key]
                if let held { known[key] = held } else { travelers.insert(key) }
                guard let stimulus else { return }
                if snapshot.journeys.needsProfile(for: stimulus, traveler: held) { profiles.insert(key) }
                if snapshot.journeys.needsKeptEvents(for: stimulus, traveler: held) { events.insert(key) }
            }
            for (_, stimulus, _) in work.stimuli {
                if let trial = stimulus?.run?.id, let person = stimulus?.person {
                    need(person.key, nil, trial: trial)
                    continue
                }
                switch stimulus?.body {
                case .event(let event)?: need(event.person.key, .event(event))
                case .outcome(let outcome)?: need(outcome.person.key, .outcome(outcome))
                case .audience(let move)?: need(move.person.key, .audience(move))
                case .reaction(let reaction)?: need(reaction.person.key, .reaction(reaction))
                case .command(.endInstance(let person, _))?: need(person.key, nil)
                default: break
                }
            }
            for timer in work.timers {
                guard let place = InstancePlace(member: timer.member) else { continue }
                need(
                    place.key.personKey, .timer(instance: place.instance, due: timer.due), trial: place.key.trial)
            }
            for (_, members) in work.leaving {
                for member in members {
                    // The people of a stopped test are forgotten unread.
                    if let place = InstancePlace(member: member), place.key.trial == nil { need(place.personKey, nil) }
                }
            }
            for stop in work.tour?.stops ?? [] { need(stop.personKey, stop.stimulus) }
            held.append(known)
            asks.append(
                PeopleAsk(
                    partition: work.partition.number, travelers: Array(travelers), profiles: Array(profiles),
                    events: Array(events), checked: Array(checked)))
        }
        if asks.allSatisfy(\.isEmpty) { return held.map { Loaded(travelers: $0) } }
        var loaded: [Loaded] = []
        var ready: [Work] = []
        for ((work, held), answer) in zip(zip(works, held), await reader.load(asks)) {
            switch answer {
            case .success(let answer):
                ready.append(noting(answer, work))
                loaded.append(people(held, answer))
            case .failure(let error):
                logger.warning("the people of a round could not be read", metadata: ["error": "\(error)"])
                outcome.partitions.append(work.partition)
                outcome.isInterrupted = true
            }
        }
        works = ready
        return loaded
    }

    /// Kept events count as bytes of the batch that needs them, so that the next one is as much smaller.
    private func noting(_ answer: LoadedPeople, _ work: Work) -> Work {
        let bytes = answer.events.values.reduce(0) { sum, list in list.reduce(sum) { $0 + $1.count } }
        if bytes == 0 { return work }
        var work = work
        work.partition.readSize.note(elements: work.stimuli.count, bytes: bytes)
        return work
    }

    private func people(_ held: [String: Traveler], _ answer: LoadedPeople) -> Loaded {
        var travelers = held
        for (key, fields) in answer.travelers {
            guard let person = Person(key: TravelerKey(key).personKey) else { continue }
            travelers[key] = Traveler(person: person, fields: fields)
        }
        var profiles: [String: ProfileDocument] = [:]
        for (key, bytes) in answer.profiles {
            // A profile that cannot be read is an empty one: its person goes on by the rules for missing fields.
            if let profile = try? ProfileDocument(bytes: bytes) { profiles[key] = profile }
        }
        return Loaded(
            travelers: travelers, profiles: profiles, kept: answer.events.mapValues(KeptEvents.init(elements:)),
            broken: answer.broken)
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
