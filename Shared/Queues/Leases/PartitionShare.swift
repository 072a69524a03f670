/// Which partitions a replica should hold: a pure decision, alike in every replica that sees the same ones.
struct PartitionShare: Sendable, Hashable {
    /// How many partitions this replica should hold: all differ by one at most.
    let count: Int
    /// Where it begins to look for free ones, so that replicas that start together seldom want the same.
    let start: Int
    let partitions: Int

    init(replica: String, among replicas: [String], partitions: Int) {
        let ranked = replicas.contains(replica) ? replicas : (replicas + [replica]).sorted()
        let rank = ranked.firstIndex(of: replica) ?? 0
        let (each, rest) = partitions.quotientAndRemainder(dividingBy: ranked.count)
        count = each + (rank < rest ? 1 : 0)
        start = rank * each + min(rank, rest)
        self.partitions = partitions
    }

    /// Partitions that are held beyond the share: those furthest from where the replica begins.
    func surplus(of held: Set<Int>) -> [Int] {
        let ordered = held.sorted { distance($0) < distance($1) }
        return Array(ordered.dropFirst(count))
    }

    /// Partitions that it could take, nearest first; empty when it holds its share.
    func candidates(beside held: Set<Int>) -> [Int] {
        guard held.count < count else { return [] }
        return (0..<partitions).map { (start + $0) % partitions }.filter { !held.contains($0) }
    }

    private func distance(_ partition: Int) -> Int { (partition - start + partitions) % partitions }
}
