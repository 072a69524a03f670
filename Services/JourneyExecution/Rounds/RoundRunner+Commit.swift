import Engine
import Logging
import Models
import Queues

/// The second half of a round: the batches computed, committed, and what follows from each answer.
extension RoundRunner {
    func commit(
        _ works: [Work], _ loaded: [Loaded], _ snapshot: PlanSnapshot, _ outcome: inout Outcome
    ) async {
        var processors: [BatchProcessor] = []
        for (work, people) in zip(works, loaded) { processors.append(compute(work, people, snapshot)) }
        let busy = processors.indices.filter { !processors[$0].batch.isEmpty || !works[$0].stimuli.isEmpty }
        let pieces = works.filter { !($0.tour?.stops.isEmpty ?? true) }.count
        for _ in 0..<pieces { faults.pass(.beforeTour) }
        let answers = busy.isEmpty ? [] : await committer.commit(busy.map { processors[$0].batch })
        for _ in 0..<pieces { faults.pass(.afterTour) }
        var answerOf = [Int: CommitOutcome](uniqueKeysWithValues: zip(busy, answers))
        for place in works.indices {
            let work = works[place]
            guard let answer = answerOf.removeValue(forKey: place) else {
                var partition = work.partition
                if isCaughtUp(work, processors[place]) { partition.caution.end() }
                outcome.partitions.append(partition)
                continue
            }
            outcome.elements += processors[place].batch.trim + work.timers.count
            await settle(work, processors[place], answer, &outcome)
        }
    }

    private func compute(_ work: Work, _ people: Loaded, _ snapshot: PlanSnapshot) -> BatchProcessor {
        let partition = work.partition
        var processor = BatchProcessor(
            engine: snapshot.engine(partition: partition.number), keptEvents: snapshot.keptEvents,
            partition: partition, now: work.read.now,
            time: work.read.now, timers: work.read.timers.filter { !isBroken($0, people) }, horizon: work.horizon,
            travelers: people.travelers, profiles: people.profiles, kept: people.kept, audiences: snapshot.audiences,
            rules: TourRules(partitions: partitions, snapshot: snapshot), clock: work.clock)
        // What ended the process once may be a dry run's doing, which is nothing to real people.
        if partition.caution.isAlone { processor.dryRuns = [] }
        if work.tries >= Self.triesMax {
            parkSuspect(work, &processor)
        } else {
            takeStimuli(work, people.broken, &processor)
            leadOut(work, people.broken, &processor)
            if let tour = work.tour, !processor.isFull {
                processor.take(tour, broken: people.broken, at: work.read.now)
            }
            if let clock = work.clock { processor.take(clock) }
        }
        putOffBroken(work, people, &processor)
        noteSuspect(work, &processor)
        processor.seal()
        return processor
    }

    /// What was marked is done with this commit, and something that is still to be taken alone is marked by it.
    private func noteSuspect(_ work: Work, _ processor: inout BatchProcessor) {
        let caution = work.partition.caution
        guard caution.isAlone || caution.isMarking && !work.isEmpty else { return }
        processor.noteSuspect(caution.suspect(after: work.count, commit: work.partition.commit + 1))
    }

    /// Nothing is left that an owner before can have had in hand.
    private func isCaughtUp(_ work: Work, _ processor: BatchProcessor) -> Bool {
        work.isWhole && !processor.isFull && processor.walks.isEmpty && processor.tours.isEmpty
            && work.clock == nil
    }

    private func isBroken(_ timer: DueTimer, _ people: Loaded) -> Bool {
        guard !people.broken.isEmpty, let place = InstancePlace(member: timer.member) else { return false }
        return people.broken.contains(place.personKey)
    }

    /// Timers of people whose keys are of the wrong type come again later, and are said and counted each time.
    private func putOffBroken(_ work: Work, _ people: Loaded, _ processor: inout BatchProcessor) {
        if people.broken.isEmpty { return }
        let due = work.timers.filter { isBroken($0, people) }
        for timer in due { processor.putOff(timer, until: work.read.now + Int64(brokenRetry / .milliseconds(1))) }
        metrics.putOff(due.count)
        logger.error(
            "keys of people are of the wrong type: what comes for them is parked, their timers are put off",
            metadata: [
                "partition": "\(work.partition.number)", "people": "\(people.broken.count)", "timers": "\(due.count)",
            ])
    }

    private func takeStimuli(_ work: Work, _ broken: Set<String>, _ processor: inout BatchProcessor) {
        var taken: [[UInt8]] = []
        for (place, (element, stimulus, problem)) in work.stimuli.enumerated() {
            if work.strays.contains(place) {
                taken.append(element)
                continue
            }
            if let key = broken.isEmpty ? nil : stimulus?.person?.key, broken.contains(key) {
                processor.park(element, reason: "brokenKey")
            } else if let stimulus {
                faults.trap(on: stimulus.id)
                guard processor.take(stimulus) else { break }
            } else {
                processor.park(element, reason: problem)
            }
            taken.append(element)
        }
        processor.consume(taken)
        guard taken.count == work.stimuli.count, !(work.timers.isEmpty && work.stimuli.isEmpty) else { return }
        processor.fireTimers(upTo: work.horizon)
    }

    private func leadOut(_ work: Work, _ broken: Set<String>, _ processor: inout BatchProcessor) {
        for (walk, members) in work.leaving {
            for member in members {
                if let trial = walk.trial {
                    processor.forget(member, of: trial)
                    continue
                }
                guard let place = InstancePlace(member: member), !broken.contains(place.personKey) else {
                    processor.drop(member, outOf: walk)
                    continue
                }
                processor.end(place, outOf: walk, cause: walk.cause, at: work.read.now)
            }
            if members.isEmpty { processor.finish(walk) }
        }
    }

    /// Tries of one element, timer or leading out, the last of which parks it.
    private static let triesMax = 3

    /// The third try of what twice killed its owner: it is parked, and the instance that it was for ends as error
    /// `trapped`. Should saying so kill the owner as well, the next one leaves the engine out of it.
    private func parkSuspect(_ work: Work, _ processor: inout BatchProcessor) {
        logger.error(
            "what twice ended the process is parked",
            metadata: [
                "partition": "\(work.partition.number)", "try": "\(work.tries)",
                "trace": "\(work.stimuli.first?.stimulus?.id ?? "timer")",
            ])
        let isSaid = work.tries == Self.triesMax
        processor.consume(work.stimuli.map(\.element))
        for (element, stimulus, _) in work.stimuli {
            processor.park(element, reason: "trapped")
            if isSaid, let stimulus { processor.trap(stimulus) }
        }
        for timer in work.timers {
            processor.drop(timer)
            guard isSaid, let place = InstancePlace(member: timer.member) else { continue }
            processor.trap(place, cause: "timer", at: timer.due)
        }
        for (walk, members) in work.leaving {
            for member in members {
                if let trial = walk.trial {
                    processor.forget(member, of: trial)
                    continue
                }
                processor.drop(member, outOf: walk)
                guard isSaid, let place = InstancePlace(member: member) else { continue }
                processor.trap(place, cause: walk.cause, at: work.read.now)
            }
        }
        if let tour = work.tour { processor.passOver(tour, isSaid: isSaid, at: work.read.now) }
        if let clock = work.clock { processor.passOver(clock, isSaid: isSaid) }
    }

    /// Brings the runs that business events start into every inbox. What fails is tried again in the next round; a run
    /// that is there twice is known by its id.
    private func startRuns(of partition: inout OwnedPartition, _ outcome: inout Outcome) async {
        for run in partition.starts.values.sorted(by: { $0.id < $1.id }) {
            faults.pass(.beforeRun)
            do {
                try await starter.start(run)
                faults.pass(.afterRun)
                partition.started.insert(run.id)
            } catch {
                logger.warning("a run could not be started yet", metadata: ["error": "\(error)"])
                outcome.isInterrupted = true
            }
        }
        // The state is to forget them.
        if !partition.starts.isEmpty { partition.mayHaveElements = true }
    }

    private func settle(
        _ work: Work, _ processor: BatchProcessor, _ answer: CommitOutcome, _ outcome: inout Outcome
    ) async {
        var partition = work.partition
        switch answer {
        case .committed:
            partition.commit += 1
            partition.time = work.read.now
            partition.lastStep += processor.stepCount
            partition.noteTold(processor.toldGroups)
            partition.walks = processor.walks
            partition.tours = processor.tours
            partition.tourLog = processor.tourLog
            if let tour = work.tour { partition.lastTour = tour.tour.field }
            partition.starts = processor.starts
            partition.clocks = processor.clocks
            partition.started = []
            await startRuns(of: &partition, &outcome)
            partition.revision = processor.revision
            partition.isSuspected = false
            partition.checksKeys = false
            if partition.caution.isAlone {
                partition.caution.passed(work.count)
                if work.isEmpty { partition.caution.endAlone() }
            } else if isCaughtUp(work, processor) {
                partition.caution.end()
            } else {
                partition.caution.passed(work.count)
            }
            // Those of tests are read each time: there are few, and they end at once.
            partition.travelers.remember(processor.travelers.filter { TravelerKey($0.key).trial == nil })
            partition.noteTimers(
                work.read.timers, limit: work.timersMax, earliest: processor.earliestTimer, now: work.read.now,
                most: EngineLoop.Settings.timersMax)
            if processor.isFull { partition.mayHaveElements = true }
            metrics.count(processor.counts, elements: processor.batch.trim)
            outcome.partitions.append(partition)
        case .stale:
            logger.notice("a partition has another owner", metadata: ["partition": "\(partition.number)"])
            forget(partition.number, partition.fence)
            outcome.lost.append(partition.number)
        case .behind, .done, .failed:
            // `done` too: no batch is sent twice here, so the number was passed by another batch than this one.
            logger.warning(
                "a commit has no certain outcome; the lease is taken anew",
                metadata: ["partition": "\(partition.number)", "answer": "\(answer)"])
            partition.isUncertain = true
            if case .failed(let error) = answer, error.isWrongType { partition.checksKeys = true }
            partition.readSize.shrink()
            outcome.partitions.append(partition)
            outcome.isInterrupted = true
        case .changed:
            partition.forget()
            // Newer audiences than those of the batch may be the reason: they must be read before it is computed again.
            if processor.batch.audiencesNumber != nil {
                if await plans.load(atLeast: plans.current.revision) == nil { outcome.isInterrupted = true }
            }
            outcome.partitions.append(partition)
        }
    }
}
