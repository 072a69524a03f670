/// Who waits for what to be appended: the state of an ``InboxWriter``, apart from all waiting itself.
struct AppendDesk {
    /// One call of `append`: its results fill up as its entries' partitions are written.
    fileprivate struct Call {
        var results: [AppendResult]
        var missing: Int
        var error: QueueError?
        let waiter: CheckedContinuation<AppendAnswer, Never>

        var answer: AppendAnswer { error.map { .failure($0) } ?? .success(results) }
    }

    /// A call that is over, to be answered outside the lock.
    struct Finished {
        let waiter: CheckedContinuation<AppendAnswer, Never>
        let answer: AppendAnswer
    }

    fileprivate struct Waiting {
        let entry: InboxEntry
        let call: UInt64
        let place: Int
    }

    /// What waits for one partition. While one of its runs is on its way nothing more is taken from it.
    fileprivate struct Lane {
        var waiting: [Waiting] = []
        var taken = 0
        var isFlying = false
    }

    /// A run, and where its results go.
    struct Work {
        let run: EntryRun
        fileprivate let slots: [(call: UInt64, place: Int)]
    }

    enum Decision {
        case refused(QueueError)
        case waits(wake: CheckedContinuation<Void, Never>?)
    }

    static let closedError = QueueError(.closed, "The inbox writer was shut down")

    private let limits: AppendLimits
    private var lanes: [Int: Lane] = [:]
    /// Partitions with something to write that are not on their way, in the order in which they became so.
    private var ready: [Int] = []
    private var calls: [UInt64: Call] = [:]
    private var nextCall: UInt64 = 0
    private var resting: [CheckedContinuation<Void, Never>] = []
    private var isClosed = false
    private(set) var waitingEntries = 0
    private var waitingBytes = 0

    init(limits: AppendLimits) {
        self.limits = limits
    }

    var isFinished: Bool { isClosed && ready.isEmpty && lanes.values.allSatisfy { $0.waiting.count == $0.taken } }

    mutating func take(_ entries: [InboxEntry], _ waiter: CheckedContinuation<AppendAnswer, Never>) -> Decision {
        if isClosed { return .refused(Self.closedError) }
        let bytes = entries.reduce(0) { $0 + $1.element.count }
        let fits =
            waitingEntries + entries.count <= limits.waitingEntriesMax
            && waitingBytes + bytes <= limits.waitingBytesMax
        guard fits || waitingEntries == 0 else {
            return .refused(QueueError(.busy, "Too many stimuli wait to be appended"))
        }
        waitingEntries += entries.count
        waitingBytes += bytes
        let call = nextCall
        nextCall += 1
        calls[call] = Call(
            results: Array(repeating: .duplicate, count: entries.count), missing: entries.count, waiter: waiter)
        for (place, entry) in entries.enumerated() {
            let waiting = Waiting(entry: entry, call: call, place: place)
            let isNew = lanes[entry.partition, default: Lane()].add(waiting)
            if isNew { ready.append(entry.partition) }
        }
        return .waits(wake: ready.isEmpty ? nil : resting.popLast())
    }

    /// Takes what waits of every partition that is not on its way, one run each.
    mutating func nextRuns() -> [Work] {
        var work: [Work] = []
        for partition in ready {
            if let next = lanes[partition]?.take(partition, limits) { work.append(next) }
        }
        ready.removeAll(keepingCapacity: true)
        return work
    }

    /// Lets a writer rest until something comes; false: there is something already.
    mutating func rest(_ writer: CheckedContinuation<Void, Never>) -> Bool {
        if !ready.isEmpty || isFinished { return false }
        resting.append(writer)
        return true
    }

    mutating func settle(
        _ work: [Work], _ answers: [AppendAnswer]
    ) -> (finished: [Finished], writers: [CheckedContinuation<Void, Never>]) {
        var finished: [Finished] = []
        for (item, answer) in zip(work, answers) {
            waitingEntries -= item.run.entries.count
            waitingBytes -= item.run.entries.reduce(0) { $0 + $1.element.count }
            for (place, slot) in item.slots.enumerated() {
                let isLast = calls[slot.call]?.note(answer, place, at: slot.place) ?? false
                if isLast, let call = calls.removeValue(forKey: slot.call) {
                    finished.append(Finished(waiter: call.waiter, answer: call.answer))
                }
            }
            if lanes[item.run.partition]?.land() ?? false { ready.append(item.run.partition) }
        }
        return (finished, isFinished ? takeResting() : [])
    }

    /// Takes nothing more, and gives the writers to wake.
    mutating func close() -> [CheckedContinuation<Void, Never>] {
        isClosed = true
        return takeResting()
    }

    mutating func refuseAll() -> [CheckedContinuation<AppendAnswer, Never>] {
        isClosed = true
        defer { calls.removeAll() }
        return calls.values.map(\.waiter)
    }

    private mutating func takeResting() -> [CheckedContinuation<Void, Never>] {
        defer { resting.removeAll() }
        return resting
    }
}

extension AppendDesk.Call {
    /// Notes one entry's answer; true when it was the last of the call.
    fileprivate mutating func note(_ answer: AppendAnswer, _ place: Int, at own: Int) -> Bool {
        switch answer {
        case .success(let results): self.results[own] = results[place]
        case .failure(let error): if self.error?.code != .unknownOutcome { self.error = error }
        }
        missing -= 1
        return missing == 0
    }
}

extension AppendDesk.Lane {
    /// True when the lane became ready by this entry.
    fileprivate mutating func add(_ entry: AppendDesk.Waiting) -> Bool {
        waiting.append(entry)
        return !isFlying && waiting.count - taken == 1
    }

    /// The next entries of one source, within the bounds of a call.
    fileprivate mutating func take(_ partition: Int, _ limits: AppendLimits) -> AppendDesk.Work? {
        guard taken < waiting.count else { return nil }
        let source = waiting[taken].entry.source
        var run = EntryRun(partition: partition, source: source, entries: [])
        var slots: [(call: UInt64, place: Int)] = []
        var bytes = 0
        while taken < waiting.count, run.entries.count < limits.callEntriesMax {
            let next = waiting[taken]
            bytes += next.entry.element.count
            if next.entry.source != source || bytes > limits.callBytesMax && !slots.isEmpty { break }
            run.entries.append(next.entry)
            slots.append((next.call, next.place))
            taken += 1
        }
        isFlying = true
        return AppendDesk.Work(run: run, slots: slots)
    }

    /// The run on its way has landed; true when there is more to write.
    fileprivate mutating func land() -> Bool {
        isFlying = false
        if taken == waiting.count {
            waiting.removeAll(keepingCapacity: true)
            taken = 0
        } else if taken > 1_024 {
            waiting.removeFirst(taken)
            taken = 0
        }
        return !waiting.isEmpty
    }
}
