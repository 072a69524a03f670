import DequeModule

/// What one partner received, oldest first, at most `Limits.receivedMax`.
struct ReceivedLog: Sendable {
    private var receipts: Deque<Receipt> = []
    /// All since the start or the last clearing, forgotten ones included.
    private(set) var total = 0

    mutating func add(_ receipt: Receipt, at now: Int64) {
        total += 1
        var receipt = receipt
        receipt.number = total
        receipt.at = now
        receipts.append(receipt)
        if receipts.count > Limits.receivedMax { receipts.removeFirst() }
    }

    /// The newest first.
    func newest(_ limit: Int) -> [Receipt] {
        Array(receipts.suffix(max(limit, 0)).reversed())
    }

    mutating func clear() {
        self = ReceivedLog()
    }
}
