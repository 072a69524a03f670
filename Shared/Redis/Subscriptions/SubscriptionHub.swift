import Synchronization

/// Who listens to what, and what Redis has still to be told of it.
final class SubscriptionHub: Sendable {
    /// A channel or a pattern.
    enum Name: Hashable, Sendable {
        case channel(String)
        case pattern(String)
    }

    private struct Listener {
        let names: Set<Name>
        /// Names that Redis has not confirmed since the connection was made.
        var unconfirmed: Set<Name>
        let buffer: NoticeBuffer
    }

    private enum Phase {
        case new, running, closing, over
    }

    private struct State {
        var phase = Phase.new
        var nextID = 0
        var listeners: [Int: Listener] = [:]
        var users: [Name: Set<Int>] = [:]
        /// Without a connection changes need not be kept: a new one is told everything.
        var isConnected = false
        /// What changed since the thread looked.
        var changes: [RedisCommand] = []
        var closers: [CheckedContinuation<Void, Never>] = []
    }

    /// Subscriptions of one subscriber at most; more are a mistake of ours.
    static let listenersMax = 1_024

    private let state = Mutex(State())
    let wake: WakeSignal

    init() throws(RedisError) {
        wake = try WakeSignal()
    }

    func open() -> Bool {
        state.withLock { state in
            guard state.phase == .new else { return false }
            state.phase = .running
            return true
        }
    }

    /// Makes a listener; it hears a gap as soon as Redis has confirmed all names.
    func add(_ names: Set<Name>, _ buffer: NoticeBuffer) -> Int {
        let id = state.withLock { state in
            precondition(state.listeners.count < Self.listenersMax, "too many subscriptions for one connection")
            let id = state.nextID
            state.nextID += 1
            if state.phase == .closing || state.phase == .over {
                buffer.end()
                return id
            }
            state.listeners[id] = Listener(names: names, unconfirmed: names, buffer: buffer)
            for name in names {
                state.users[name, default: []].insert(id)
                // Also when others listen to it: the confirmation tells when this one begins to hear.
                if state.isConnected { state.changes.append(Self.subscribe(name)) }
            }
            return id
        }
        wake.raise()
        return id
    }

    func remove(_ id: Int) {
        let mustWake = state.withLock { state in
            guard let listener = state.listeners.removeValue(forKey: id) else { return false }
            for name in listener.names {
                state.users[name]?.remove(id)
                if state.users[name]?.isEmpty == true {
                    state.users[name] = nil
                    if state.isConnected { state.changes.append(Self.unsubscribe(name)) }
                }
            }
            return true
        }
        if mustWake { wake.raise() }
    }

    /// Waits until the thread has ended.
    func close() async {
        let neverRan = state.withLock { state in
            if state.phase == .new { state.phase = .over }
            return state.phase == .over
        }
        if neverRan { return endListeners() }
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if state.phase == .over { return true }
                state.phase = .closing
                state.closers.append(continuation)
                return false
            }
            if isOver { continuation.resume() } else { wake.raise() }
        }
    }

    /// Asks the thread to end, without waiting.
    func abandon() {
        state.withLock { state in
            if state.phase == .new { state.phase = .over }
            if state.phase == .running { state.phase = .closing }
        }
        wake.raise()
    }

    // MARK: the thread's side

    var isClosing: Bool { state.withLock { $0.phase == .closing } }

    /// What Redis has to be told since the last time.
    func takeChanges() -> [RedisCommand] {
        state.withLock { state in
            defer { state.changes = [] }
            return state.changes
        }
    }

    /// What a new connection has to be told; from now on nothing is confirmed.
    func beginAnew() -> [RedisCommand] {
        state.withLock { state in
            state.isConnected = true
            state.changes = []
            for (id, listener) in state.listeners { state.listeners[id]?.unconfirmed = listener.names }
            return state.users.keys.map(Self.subscribe)
        }
    }

    func disconnected() {
        state.withLock { state in
            state.isConnected = false
            state.changes = []
        }
    }

    func confirm(_ name: Name) {
        state.withLock { state in
            for id in state.users[name] ?? [] {
                guard state.listeners[id]?.unconfirmed.remove(name) != nil else { continue }
                if state.listeners[id]?.unconfirmed.isEmpty == true { state.listeners[id]?.buffer.add(.gap) }
            }
        }
    }

    func deliver(to name: Name, channel: String, payload: [UInt8]) {
        state.withLock { state in
            for id in state.users[name] ?? [] {
                state.listeners[id]?.buffer.add(.message(channel: channel, payload: payload))
            }
        }
    }

    /// The thread's last word: ends all listeners, and says who waits for it.
    func finish() -> [CheckedContinuation<Void, Never>] {
        endListeners()
        return state.withLock { state in
            state.phase = .over
            defer { state.closers = [] }
            return state.closers
        }
    }

    private func endListeners() {
        state.withLock { state in
            for listener in state.listeners.values { listener.buffer.end() }
            state.listeners = [:]
            state.users = [:]
            state.changes = []
        }
    }

    private static func subscribe(_ name: Name) -> RedisCommand {
        switch name {
        case .channel(let channel): RedisCommand("SUBSCRIBE", channel)
        case .pattern(let pattern): RedisCommand("PSUBSCRIBE", pattern)
        }
    }

    private static func unsubscribe(_ name: Name) -> RedisCommand {
        switch name {
        case .channel(let channel): RedisCommand("UNSUBSCRIBE", channel)
        case .pattern(let pattern): RedisCommand("PUNSUBSCRIBE", pattern)
        }
    }
}
