import DequeModule

/// Decides which request starts: pools with places of their own within a total, waiting ones in turn by pool.
///
/// Pure. A pool that is full delays nobody else; within a pool the order is first come, first served.
struct PoolPlaces<Item> {
    enum Verdict {
        case start
        case wait
        case full
    }

    private struct Pool {
        var inside = 0
        var limit = 0
        var waiting: Deque<Item> = []
    }

    private let totalMax: Int
    private let waitingMax: Int
    private var pools: [String: Pool] = [:]
    /// Pools with something waiting, each once, next in turn first.
    private var turn: Deque<String> = []

    private(set) var inside = 0
    private(set) var waiting = 0

    init(totalMax: Int, waitingMax: Int) {
        self.totalMax = max(totalMax, 1)
        self.waitingMax = max(waitingMax, 0)
    }

    /// Takes a place for the item, keeps it waiting, or refuses it. The pool's limit is the one named last.
    mutating func offer(_ item: Item, pool name: String, limit: Int) -> Verdict {
        var pool = pools[name] ?? Pool()
        pool.limit = max(limit, 1)
        if inside < totalMax && pool.inside < pool.limit && pool.waiting.isEmpty {
            pool.inside += 1
            pools[name] = pool
            inside += 1
            return .start
        }
        guard waiting < waitingMax else { return .full }
        if pool.waiting.isEmpty { turn.append(name) }
        pool.waiting.append(item)
        pools[name] = pool
        waiting += 1
        return .wait
    }

    /// Gives a place of the pool back.
    mutating func leave(pool name: String) {
        guard var pool = pools[name] else { return }
        pool.inside -= 1
        inside -= 1
        pools[name] = pool.inside == 0 && pool.waiting.isEmpty ? nil : pool
    }

    /// Takes a place for the next waiting item that may have one. O(pools that wait).
    mutating func next() -> (item: Item, pool: String)? {
        guard inside < totalMax else { return nil }
        for _ in 0..<turn.count {
            let name = turn.removeFirst()
            guard var pool = pools[name] else { continue }
            if pool.inside < pool.limit, let item = pool.waiting.popFirst() {
                pool.inside += 1
                inside += 1
                waiting -= 1
                if !pool.waiting.isEmpty { turn.append(name) }
                pools[name] = pool
                return (item, name)
            }
            turn.append(name)
        }
        return nil
    }

    /// Takes out the waiting items for which the condition holds. O(waiting).
    mutating func removeWaiting(where condition: (Item) -> Bool) -> [Item] {
        guard waiting > 0 else { return [] }
        var removed: [Item] = []
        for name in turn {
            guard var pool = pools[name] else { continue }
            let before = pool.waiting.count
            removed += pool.waiting.filter(condition)
            pool.waiting.removeAll(where: condition)
            guard pool.waiting.count != before else { continue }
            pools[name] = pool.inside == 0 && pool.waiting.isEmpty ? nil : pool
        }
        turn.removeAll { pools[$0]?.waiting.isEmpty ?? true }
        waiting -= removed.count
        return removed
    }
}
