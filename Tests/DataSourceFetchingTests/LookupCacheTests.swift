import HTTPClient
import Models
import Outbound
import Synchronization
import Testing

@testable import DataSourceFetching

@Suite("Answers that may be used again")
struct LookupCacheTests {
    private func key(_ number: Int, revision: Int64 = 1) throws -> LookupKey {
        let source = try DataSourceDefinition([
            "revision": .integer(revision), "name": "loyalty",
            "groups": [["name": "g", "url": "https://a.example/", "parameters": ["id", "lang"]]],
        ])
        return LookupKey(source, source.groups[0], ["lang": nil, "id": JSONValue(number), "foreign": 1])
    }

    @Test("An answer is used until its time is over")
    func until() throws {
        var cache = LookupCache(bytesMax: 100_000)
        cache.keep(SourceData(value: "gold"), for: try key(1), bodyBytes: 6, until: 100)
        #expect(cache.answer(try key(1), now: 99)?.value == "gold")
        #expect(cache.answer(try key(2), now: 99)?.value == nil)
        #expect(cache.answer(try key(1), now: 100)?.value == nil)
        #expect(cache.count == 0)
        #expect(cache.bytes == 0)
    }

    @Test("Another revision of the source is another key; what is no parameter is no part of it")
    func keys() throws {
        #expect(try key(1) != key(1, revision: 2))
        #expect(try key(1).parameters == #"{"id":1}"#)
    }

    @Test("The one that was not used the longest goes first, and the bound holds")
    func bound() throws {
        var cache = LookupCache(bytesMax: 16_000)
        for number in 0..<10 {
            cache.keep(SourceData(value: JSONValue(number)), for: try key(number), bodyBytes: 200, until: 1_000)
            _ = cache.answer(try key(0), now: 0)
        }
        #expect(cache.bytes <= 16_000)
        for number in 10..<40 {
            cache.keep(SourceData(value: JSONValue(number)), for: try key(number), bodyBytes: 200, until: 1_000)
            _ = cache.answer(try key(0), now: 0)
            #expect(cache.bytes <= 16_000)
        }
        #expect(cache.answer(try key(0), now: 0)?.value == 0)
        #expect(cache.answer(try key(1), now: 0)?.value == nil)
        #expect(cache.answer(try key(39), now: 0)?.value == 39)
    }

    @Test("An answer that would push out everything else is not kept")
    func tooLarge() throws {
        var cache = LookupCache(bytesMax: 16_000)
        cache.keep(SourceData(value: "small"), for: try key(1), bodyBytes: 7, until: 1_000)
        cache.keep(SourceData(value: "large"), for: try key(2), bodyBytes: 10_000, until: 1_000)
        #expect(cache.answer(try key(1), now: 0)?.value == "small")
        #expect(cache.answer(try key(2), now: 0)?.value == nil)
    }

    @Test("A random history holds what a plain dictionary holds")
    func model() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(state: seed)
        var cache = LookupCache(bytesMax: 1 << 20)
        var model: [LookupKey: (JSONValue, Int64)] = [:]
        for step in 0..<2_000 {
            let key = try key(Int(random.next() % 40))
            let now = Int64(step)
            if random.next() % 2 == 0 {
                let until = now + Int64(random.next() % 50)
                cache.keep(SourceData(value: JSONValue(step)), for: key, bodyBytes: 8, until: until)
                model[key] = (JSONValue(step), until)
            } else {
                let expected = model[key].flatMap { $0.1 > now ? $0.0 : JSONValue?.none }
                #expect(cache.answer(key, now: now)?.value == expected, "seed \(seed), step \(step)")
            }
        }
    }
}

/// A small generator whose runs can be repeated.
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}

@Suite("Those who wait for another's call")
struct CallWaiterTests {
    @Test("An end that came first is heard, and only the first counts")
    func early() async {
        let waiter = CallWaiter()
        waiter.end(.abandoned)
        waiter.end(.timedOut)
        guard case .abandoned = await waiter.wait(until: .now + .seconds(60)) else {
            Issue.record("another end")
            return
        }
    }

    @Test("A deadline ends the wait")
    func deadline() async {
        guard case .timedOut = await CallWaiter().wait(until: .now + .milliseconds(5)) else {
            Issue.record("another end")
            return
        }
    }

    @Test("The first to ask calls, the others wait, and after it the next calls again")
    func joined() throws {
        let source = try DataSourceDefinition(["name": "s", "groups": [["name": "g", "url": "https://a.example/"]]])
        let key = LookupKey(source, source.groups[0], [:])
        var calls = JoinedCalls()
        guard case .call = calls.join(key), case .wait = calls.join(key), case .wait = calls.join(key) else {
            Issue.record("another part")
            return
        }
        #expect(calls.leave(key).count == 2)
        guard case .call = calls.join(key) else {
            Issue.record("another part")
            return
        }
    }
}

@Suite("Endpoints")
struct EndpointTests {
    @Test("A full endpoint gives turns one after another, and another endpoint has its own places")
    func places() {
        let endpoints = Endpoints(placesMax: 2)
        guard case .admitted(let pass) = endpoints.enter("a", at: 0), case .admitted = endpoints.enter("a", at: 0),
            case .full(let first) = endpoints.enter("a", at: 0), case .full(let second) = endpoints.enter("a", at: 0),
            case .admitted = endpoints.enter("b", at: 0)
        else {
            Issue.record("another admission")
            return
        }
        #expect(first > 0 && second > first)
        endpoints.leave(pass, .success, milliseconds: 5, at: 5)
        guard case .admitted = endpoints.enter("a", at: 5) else {
            Issue.record("no place was free")
            return
        }
    }

    @Test("Turns at a fast endpoint come as fast as its places become free, at one that hangs far apart")
    func pace() {
        let endpoints = Endpoints(placesMax: 2)
        var passes: [Endpoints.Pass] = []
        for round in 0..<200 {
            guard case .admitted(let pass) = endpoints.enter("a", at: Int64(round)) else { break }
            endpoints.leave(pass, .success, milliseconds: 1, at: Int64(round))
        }
        while case .admitted(let pass) = endpoints.enter("a", at: 200) { passes.append(pass) }
        #expect(passes.count == 2)
        func turns(_ count: Int, at now: Int64) -> [Int64] {
            (0..<count).map { _ in
                if case .full(let until) = endpoints.enter("a", at: now) { until - now } else { -1 }
            }
        }
        // A call takes a millisecond, so that each millisecond two are done.
        #expect(turns(10, at: 200).allSatisfy { (1...8).contains($0) })
        // Nothing has moved for a second.
        #expect(turns(4, at: 1_200) == [500, 1_000, 1_500, 2_000])
    }

    @Test("A place that is free within a moment is waited for; one that is not, not")
    func near() async {
        let endpoints = Endpoints(placesMax: 1)
        let clock = ContinuousClock.now
        let now: @Sendable () -> Int64 = { clock.duration(to: .now).milliseconds }
        for _ in 0..<100 {
            guard case .admitted(let pass) = endpoints.enter("a", at: now()) else { continue }
            endpoints.leave(pass, .success, milliseconds: 1, at: now())
        }
        guard case .admitted(let held) = endpoints.enter("a", at: now()) else {
            Issue.record("no place was free")
            return
        }
        async let second = endpoints.enterSoon("a", clock: now)
        async let third = endpoints.enterSoon("b", clock: now)
        guard case .admitted = await third else {
            Issue.record("another endpoint was full")
            return
        }
        guard case .full(let until) = await second else {
            Issue.record("a place was given twice")
            return
        }
        #expect(until >= Endpoints.nearMilliseconds)
        endpoints.leave(held, .success, milliseconds: 1, at: now())
        guard case .admitted = await endpoints.enterSoon("a", clock: now) else {
            Issue.record("no place was free")
            return
        }
    }

    @Test("An endpoint that fails is not called for a while, then tried again")
    func breaker() {
        let endpoints = Endpoints(placesMax: 100, breaker: .init(callsMin: 4, openFor: .seconds(1)))
        for now in 0..<4 {
            guard case .admitted(let pass) = endpoints.enter("a", at: Int64(now)) else {
                Issue.record("refused too early")
                return
            }
            endpoints.leave(pass, .failure, milliseconds: 1, at: Int64(now))
        }
        guard case .open(let until) = endpoints.enter("a", at: 4) else {
            Issue.record("still called")
            return
        }
        #expect(until > 4)
        #expect(endpoints.figures.map(\.isOpen) == [true])
        guard case .admitted = endpoints.enter("a", at: until) else {
            Issue.record("never tried again")
            return
        }
    }
}

@Suite("Attributes come together")
struct ProfileMergeTests {
    static let stored: JSONObject = ["name": "Ada", "consents": ["email": true, "sms": false], "tags": [1, 2]]

    @Test(
        "Deep and replace",
        arguments: [
            (
                ProfileMerge.deep, ["consents": ["sms": true]],
                ["name": "Ada", "consents": ["email": true, "sms": true], "tags": [1, 2]]
            ),
            (.deep, ["name": nil, "tags": [3]], ["consents": ["email": true, "sms": false], "tags": [3]]),
            (.deep, ["consents": "none"], ["name": "Ada", "consents": "none", "tags": [1, 2]]),
            (
                .deep, ["new": ["a": nil, "b": 1]],
                ["name": "Ada", "consents": ["email": true, "sms": false], "tags": [1, 2], "new": ["b": 1]]
            ),
            (.replace, ["name": "Bea", "x": nil], ["name": "Bea"]),
        ] as [(ProfileMerge, JSONObject, JSONObject)])
    func merges(merge: ProfileMerge, given: JSONObject, expected: JSONObject) {
        #expect(merge.apply(given, to: Self.stored) == expected)
    }
}
