import Definitions
import HTTPClient
import Models
import Synchronization

/// Answers look-ups: from the cache, by the call that is being made for somebody else, or by one of its own.
final class Lookups: Sendable {
    /// How a look-up ended.
    enum End: Sendable {
        case answer(LookupAnswer)
        case notNow(NotNow)

        static func failed(_ failure: LookupFailure) -> End { .answer(.failed(failure)) }
    }

    private struct State {
        var cache: LookupCache
        var calls = JoinedCalls()
    }

    private enum Way {
        case cached(SourceData)
        case part(JoinedCalls.Part)
    }

    let client: SourceClient
    private let sources: DefinitionCache<DataSourceDefinition>
    private let state: Mutex<State>

    init(client: SourceClient, sources: DefinitionCache<DataSourceDefinition>, cacheBytesMax: Int) {
        self.client = client
        self.sources = sources
        state = Mutex(State(cache: LookupCache(bytesMax: cacheBytesMax)))
    }

    var clock: SteadyClock { client.clock }

    /// Answers kept for use again, and their cost in bytes.
    var cached: (count: Int, bytes: Int) { state.withLock { ($0.cache.count, $0.cache.bytes) } }

    /// The whole answer to a look-up, at the latest at the deadline or when the group's own time-out is over.
    func look(
        up name: String, _ groupName: String, _ parameters: JSONObject, until deadline: ContinuousClock.Instant
    ) async -> End {
        client.counters.add { $0.lookups += 1 }
        let end = await find(name, groupName, parameters, until: deadline)
        if case .answer(let answer) = end {
            client.counters.add { figures in
                if answer.isCached { figures.cached += 1 }
                if case .failure = answer.result { figures.failed += 1 }
            }
        }
        return end
    }

    private func find(
        _ name: String, _ groupName: String, _ parameters: JSONObject, until deadline: ContinuousClock.Instant
    ) async -> End {
        guard let source = await source(name) else { return .failed(.unknownSource) }
        guard let group = source.group(groupName) else { return .failed(.unknownGroup) }
        let key = LookupKey(source, group, parameters)
        let groupEnd = ContinuousClock.now + .milliseconds(group.timeoutMilliseconds)
        let until = min(deadline, groupEnd)
        while true {
            let now = clock.milliseconds
            let way = state.withLock { state -> Way in
                if group.cacheMilliseconds > 0, let data = state.cache.answer(key, now: now) { return .cached(data) }
                return .part(state.calls.join(key))
            }
            switch way {
            case .cached(let data): return .answer(LookupAnswer(result: .success(data), isCached: true))
            case .part(.call):
                let end = await client.call(source, group, parameters, until: until)
                return finish(key, group, end, isCutShort: deadline < groupEnd)
            case .part(.wait(let waiter)):
                client.counters.add { $0.joined += 1 }
                switch await waiter.wait(until: until) {
                case .answer(let answer): return .answer(answer)
                case .notNow(let notNow): return .notNow(notNow)
                case .abandoned: continue
                case .timedOut: return .failed(Task.isCancelled ? .cancelled : .timedOut)
                }
            }
        }
    }

    /// Keeps the answer and hands it to all who waited for it. Whoever waited for a call that ended only because its
    /// caller's own time was over, or its caller was cut off, calls again.
    private func finish(
        _ key: LookupKey, _ group: DataSourceDefinition.Group, _ end: SourceClient.End, isCutShort: Bool
    ) -> End {
        let now = clock.milliseconds
        let waiters = state.withLock { state in
            if case .data(let data, let bytes) = end, group.cacheMilliseconds > 0 {
                state.cache.keep(data, for: key, bodyBytes: bytes, until: now + group.cacheMilliseconds)
            }
            return state.calls.leave(key)
        }
        let (own, shared): (End, CallWaiter.End) =
            switch end {
            case .data(let data, _): both(LookupAnswer(result: .success(data), isCached: false))
            case .failed(.cancelled): (.failed(.cancelled), .abandoned)
            case .failed(.timedOut) where isCutShort: (.failed(.timedOut), .abandoned)
            case .failed(let failure): both(.failed(failure))
            case .notNow(let notNow): (.notNow(notNow), .notNow(notNow))
            }
        for waiter in waiters { waiter.end(shared) }
        return own
    }

    private func both(_ answer: LookupAnswer) -> (End, CallWaiter.End) { (.answer(answer), .answer(answer)) }

    /// The source of a name. One that is not known yet may have been made a moment ago.
    private func source(_ name: String) async -> DataSourceDefinition? {
        if let source = sources.current[name] { return source }
        try? await sources.refresh()
        return sources.current[name]
    }
}
