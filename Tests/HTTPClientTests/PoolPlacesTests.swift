import Testing

@testable import HTTPClient

@Suite("Places of the pools")
struct PoolPlacesTests {
    @Test("A pool starts as many as its limit; the next waits and starts when one leaves")
    func limit() {
        var places = PoolPlaces<Int>(totalMax: 10, waitingMax: 10)
        expect(&places, 1, "a", 1, .start)
        expect(&places, 2, "a", 1, .wait)
        expectNext(&places, nil)
        places.leave(pool: "a")
        expectNext(&places, 2)
        #expect(places.waiting == 0 && places.inside == 1)
    }

    @Test("Pools that wait for the total take turns, each in its own order")
    func turns() {
        var places = PoolPlaces<String>(totalMax: 1, waitingMax: 10)
        expect(&places, "first", "x", 9, .start)
        for item in ["a1", "a2", "a3"] { expect(&places, item, "a", 9, .wait) }
        expect(&places, "b1", "b", 9, .wait)
        var order: [String] = []
        var last = "x"
        for _ in 0..<4 {
            places.leave(pool: last)
            guard let next = places.next() else { break }
            order.append(next.item)
            last = next.pool
        }
        #expect(order == ["a1", "b1", "a2", "a3"])
    }

    @Test("What exceeds the waiting places is refused")
    func full() {
        var places = PoolPlaces<Int>(totalMax: 1, waitingMax: 1)
        expect(&places, 1, "a", 1, .start)
        expect(&places, 2, "a", 1, .wait)
        expect(&places, 3, "b", 1, .full)
    }

    @Test("Those taken out while waiting are forgotten, and the rest keeps its order")
    func removal() {
        var places = PoolPlaces<Int>(totalMax: 1, waitingMax: 10)
        _ = places.offer(0, pool: "a", limit: 1)
        for item in 1...4 { _ = places.offer(item, pool: item < 4 ? "a" : "b", limit: 1) }
        let removed = places.removeWaiting { $0 % 2 == 0 }
        #expect(removed.sorted() == [2, 4])
        #expect(places.waiting == 2)
        places.leave(pool: "a")
        expectNext(&places, 1)
        places.leave(pool: "a")
        expectNext(&places, 3)
        places.leave(pool: "a")
        expectNext(&places, nil)
        #expect(places.inside == 0)
    }

    private func expect<Item>(
        _ places: inout PoolPlaces<Item>, _ item: Item, _ pool: String, _ limit: Int,
        _ verdict: PoolPlaces<Item>.Verdict,
        at location: SourceLocation = #_sourceLocation
    ) {
        let given = places.offer(item, pool: pool, limit: limit)
        #expect(given == verdict, sourceLocation: location)
    }

    private func expectNext(
        _ places: inout PoolPlaces<Int>, _ item: Int?, at location: SourceLocation = #_sourceLocation
    ) {
        let next = places.next()?.item
        #expect(next == item, sourceLocation: location)
    }

    @Test("Whatever the order of events, no bound is broken and nobody is lost", arguments: [UInt64](1...50))
    func random(seed: UInt64) {
        var chance = SeededChance(seed: seed)
        var places = PoolPlaces<Int>(totalMax: 5, waitingMax: 7)
        var inside: [String: Int] = [:]
        var offered = 0
        var done = 0
        for number in 0..<2_000 {
            let pool = ["a", "b", "c"].randomElement(using: &chance) ?? "a"
            switch Int.random(in: 0..<3, using: &chance) {
            case 0:
                let verdict = places.offer(number, pool: pool, limit: 2)
                if verdict != .full { offered += 1 }
                if verdict == .start { inside[pool, default: 0] += 1 }
            case 1:
                if inside[pool, default: 0] > 0 {
                    places.leave(pool: pool)
                    inside[pool, default: 0] -= 1
                    done += 1
                }
                while let next = places.next() { inside[next.pool, default: 0] += 1 }
            default:
                done += places.removeWaiting { $0 % 17 == 0 }.count
            }
            #expect(inside.values.allSatisfy { $0 <= 2 }, "seed \(seed)")
            #expect(places.inside == inside.values.reduce(0, +) && places.inside <= 5, "seed \(seed)")
            #expect(places.waiting <= 7 && offered == done + places.inside + places.waiting, "seed \(seed)")
        }
    }
}

/// SplitMix64: chance that a seed repeats.
private struct SeededChance: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
