import Models
import Queues

/// How far one partition is with the virtual clock of a test: what a stimulus of the test has as its time there.
///
/// Kept in the partition's state, in the field `clock:<test>`, and written by the same commit that handled what it
/// tells of, so that a batch computed twice goes by the same time: `{"now":ms,"to":ms,"open":1}`.
struct TrialClock: Hashable, Sendable {
    private static let prefix = "clock:"

    /// The test's time.
    var now: Int64
    /// Where the clock shall be: it goes there from timer to timer.
    var to: Int64
    /// Requests whose outcomes are waited for. The clock stands until they are there, as the person would have moved on
    /// long before the next timer.
    var open: Int64 = 0

    init(start: Int64) {
        now = start
        to = start
    }

    init?(text: String) {
        guard let value = try? JSONValue.parse(text), let now = value["now"]?.integerValue,
            let to = value["to"]?.integerValue, let open = value["open"]?.integerValue
        else { return nil }
        self.now = now
        self.to = to
        self.open = open
    }

    var text: String {
        JSONValue.object(["now": .integer(now), "to": .integer(to), "open": .integer(open)]).text
    }

    static func field(_ trial: String) -> String { prefix + trial }

    /// The test whose clock a field of the state holds; nil for other fields.
    static func trial(field: String) -> String? {
        field.hasPrefix(prefix) ? String(field.dropFirst(prefix.count)) : nil
    }

    /// Timers may be due.
    var isOnItsWay: Bool { now < to && open == 0 }
}

/// The earliest timers of a test by its own clock, to be fired in one commit.
struct ClockPiece: Sendable {
    let trial: String
    /// In their order.
    let timers: [DueTimer]
    /// There are no more than these.
    let isWhole: Bool
    /// Where the clock shall be.
    let to: Int64

    init(trial: String, timers: [DueTimer], limit: Int, to: Int64) {
        self.trial = trial
        self.timers = timers
        isWhole = timers.count < limit
        self.to = to
    }

    /// How far the clock may go with these: more of them may be due at the time of the last, and have their place among
    /// those by the order of instances.
    var horizon: Int64 {
        guard !isWhole, let first = timers.first?.due, let last = timers.last?.due else { return to }
        return min(to, first < last ? last - 1 : last)
    }
}
