import Models
import Synchronization

/// What the partners know: switches, what was received, accepted keys.
final class PartnerDesk: Sendable {
    private struct State {
        var switches: [Partner: FaultSwitch] = [:]
        var logs: [Partner: ReceivedLog] = [:]
        var keys: [Partner: KeyMemory] = [:]
        var accepted: [Partner: Int] = [:]
    }

    private let state = Mutex(State())
    private let now: @Sendable () -> Int64

    init(now: @escaping @Sendable () -> Int64) {
        self.now = now
    }

    /// The switch that holds for the request now coming in; counts it down.
    func takeSwitch(_ partner: Partner) -> FaultSwitch {
        state.withLock { state in
            guard let current = state.switches[partner] else { return FaultSwitch() }
            if let times = current.times { state.switches[partner]?.times = times - 1 }
            if current.times == 1 { state.switches[partner] = nil }
            return current
        }
    }

    func setSwitch(_ partner: Partner, _ value: FaultSwitch) {
        state.withLock { $0.switches[partner] = value == FaultSwitch() ? nil : value }
    }

    var switches: JSONValue {
        state.withLock { state in
            var object = JSONObject()
            for partner in Partner.allCases {
                object[partner.rawValue] = (state.switches[partner] ?? FaultSwitch()).json
            }
            return .object(object)
        }
    }

    func note(_ receipt: Receipt, at partner: Partner) {
        let time = now()
        state.withLock { $0.logs[partner, default: ReceivedLog()].add(receipt, at: time) }
    }

    /// Accepts a message: a new id, or the one given to the same key before.
    func accept(_ partner: Partner, prefix: String, key: String?) -> (id: String, isRepeat: Bool) {
        state.withLock { state in
            if let key, let known = state.keys[partner]?.id(of: key) { return (known, true) }
            let number = state.accepted[partner, default: 0] + 1
            state.accepted[partner] = number
            let id = "\(prefix)-\(number)"
            if let key { state.keys[partner, default: KeyMemory()].remember(key, as: id) }
            return (id, false)
        }
    }

    func received(_ partner: Partner, limit: Int) -> (receipts: [Receipt], total: Int) {
        state.withLock { state in
            let log = state.logs[partner] ?? ReceivedLog()
            return (log.newest(limit), log.total)
        }
    }

    /// Forgets what was received; ids and keys stay, so that repeats are still known.
    func clear(_ partner: Partner) {
        state.withLock { $0.logs[partner]?.clear() }
    }
}
