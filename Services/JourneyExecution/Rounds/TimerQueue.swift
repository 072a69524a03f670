/// The timers of one batch: those read and those that the batch sets itself, by due time, then by instance.
struct TimerQueue {
    private struct Entry {
        let due: Int64
        let member: String
        let instance: Substring

        init(_ member: String, _ due: Int64) {
            self.due = due
            self.member = member
            let blank = member.utf8.lastIndex(of: UInt8(ascii: " "))
            instance = member[(blank ?? member.startIndex)...]
        }

        func isEarlier(than other: Entry) -> Bool {
            due != other.due ? due < other.due : instance < other.instance
        }
    }

    private let horizon: Int64
    private var due: [String: Int64]
    /// Latest first, so that the next one is taken from the end. Those beyond the horizon are not in it: most are set
    /// for much later, and need no order here.
    private var order: [Entry]

    /// - Parameter horizon: no timer later than this is taken.
    init(_ timers: [(member: String, due: Int64)], horizon: Int64) {
        self.horizon = horizon
        due = Dictionary(timers.map { ($0.member, $0.due) }, uniquingKeysWith: { first, _ in first })
        order = timers.filter { $0.due <= horizon }.map { Entry($0.member, $0.due) }.sorted { $1.isEarlier(than: $0) }
    }

    mutating func set(_ member: String, due time: Int64) {
        due[member] = time
        if time > horizon { return }
        let new = Entry(member, time)
        var low = 0, high = order.count
        while low < high {
            let middle = (low + high) / 2
            if new.isEarlier(than: order[middle]) { low = middle + 1 } else { high = middle }
        }
        order.insert(new, at: low)
    }

    mutating func clear(_ member: String) { due[member] = nil }

    var earliest: Int64? { due.values.min() }

    /// Takes the earliest timer that is due by then.
    mutating func next(upTo time: Int64) -> (member: String, due: Int64)? {
        while let timer = order.last, timer.due <= time {
            order.removeLast()
            // One that was set anew or cleared since is no longer this one.
            if due[timer.member] == timer.due {
                due[timer.member] = nil
                return (timer.member, timer.due)
            }
        }
        return nil
    }
}
