/// The ways between the nodes of a journey, and what follows from them. Every answer takes time linear in the nodes and
/// ways.
struct JourneyGraph: Sendable {
    /// A way from one node to another.
    struct Edge: Sendable {
        let to: Int
        /// What the node gives (its event, its action) has happened on this way.
        let gives: Bool
    }

    let edges: [[Edge]]

    var count: Int { edges.count }

    /// Which nodes can be reached from the first.
    func reachable() -> [Bool] {
        var seen = [Bool](repeating: false, count: count)
        var waiting: [Int] = count > 0 ? [0] : []
        if count > 0 { seen[0] = true }
        while let node = waiting.popLast() {
            for edge in edges[node] where !seen[edge.to] {
                seen[edge.to] = true
                waiting.append(edge.to)
            }
        }
        return seen
    }

    /// From which nodes one of these can be reached, themselves among them.
    func leading(to goals: Set<Int>) -> [Bool] {
        var seen = [Bool](repeating: false, count: count)
        if goals.isEmpty { return seen }
        var before = [[Int]](repeating: [], count: count)
        for (node, edges) in edges.enumerated() { for edge in edges { before[edge.to].append(node) } }
        var waiting = Array(goals)
        for node in goals { seen[node] = true }
        while let node = waiting.popLast() {
            for earlier in before[node] where !seen[earlier] {
                seen[earlier] = true
                waiting.append(earlier)
            }
        }
        return seen
    }

    /// The strongly connected component of each node, by Tarjan's algorithm with a stack of its own (a journey may be
    /// deeper than a thread's stack). A component's number is greater than those of all that it leads to.
    /// - Parameter blocked: nodes that are left out; their component is −1.
    func components(blocked: (Int) -> Bool = { _ in false }) -> [Int] {
        var component = [Int](repeating: -1, count: count)
        var index = [Int](repeating: -1, count: count), low = index
        var onStack = [Bool](repeating: false, count: count)
        var stack: [Int] = []
        var work: [(node: Int, edge: Int)] = []
        var nextIndex = 0, nextComponent = 0
        for root in 0..<count where index[root] < 0 && !blocked(root) {
            work.append((root, 0))
            while let (node, edge) = work.last {
                if edge == 0 {
                    index[node] = nextIndex
                    low[node] = nextIndex
                    nextIndex += 1
                    stack.append(node)
                    onStack[node] = true
                }
                if edge < edges[node].count {
                    work[work.count - 1].edge += 1
                    let to = edges[node][edge].to
                    if blocked(to) { continue }
                    if index[to] < 0 {
                        work.append((to, 0))
                    } else if onStack[to] {
                        low[node] = min(low[node], index[to])
                    }
                    continue
                }
                work.removeLast()
                if let parent = work.last?.node { low[parent] = min(low[parent], low[node]) }
                guard low[node] == index[node] else { continue }
                while let member = stack.popLast() {
                    onStack[member] = false
                    component[member] = nextComponent
                    if member == node { break }
                }
                nextComponent += 1
            }
        }
        return component
    }

    /// Whether each node lies on a loop.
    func inLoop(_ component: [Int]) -> [Bool] {
        var sizes: [Int: Int] = [:]
        for number in component where number >= 0 { sizes[number, default: 0] += 1 }
        return (0..<count).map { node in
            guard component[node] >= 0 else { return false }
            return sizes[component[node], default: 0] > 1 || edges[node].contains { $0.to == node }
        }
    }

    /// For each node the set of things that have happened on some way to it.
    /// - Parameter given: the thing that a node gives, from 0.
    func happenedBefore(given: [Int?], things: Int, component: [Int]) -> [BitSet] {
        let inLoop = inLoop(component)
        var members: [[Int]] = []
        for node in 0..<count {
            while members.count <= component[node] { members.append([]) }
            members[component[node]].append(node)
        }
        var before = [BitSet](repeating: BitSet(capacity: things), count: count)
        // Components are numbered against the direction of the ways, so the greatest comes first.
        for group in members.reversed() {
            let loops = group.contains { inLoop[$0] }
            if loops {
                var all = BitSet(capacity: things)
                for node in group {
                    all.formUnion(before[node])
                    if let thing = given[node] { all.insert(thing) }
                }
                for node in group { before[node] = all }
            }
            for node in group {
                var after = before[node]
                if let thing = given[node] { after.insert(thing) }
                for edge in edges[node] where component[edge.to] != component[node] {
                    before[edge.to].formUnion(edge.gives ? after : before[node])
                }
            }
        }
        return before
    }
}

/// A set of small numbers.
struct BitSet: Sendable, Hashable {
    private var words: [UInt64]

    init(capacity: Int) { words = [UInt64](repeating: 0, count: (capacity + 63) / 64) }

    mutating func insert(_ number: Int) { words[number >> 6] |= 1 << UInt64(number & 63) }

    func contains(_ number: Int) -> Bool { words[number >> 6] & 1 << UInt64(number & 63) != 0 }

    mutating func formUnion(_ other: BitSet) {
        for place in words.indices { words[place] |= other.words[place] }
    }
}
