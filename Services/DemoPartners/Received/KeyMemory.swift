import DequeModule

/// Which idempotency keys a gateway has accepted, and under which ids.
struct KeyMemory: Sendable {
    private var ids: [String: String] = [:]
    private var order: Deque<String> = []

    func id(of key: String) -> String? { ids[key] }

    mutating func remember(_ key: String, as id: String) {
        guard ids.updateValue(id, forKey: key) == nil else { return }
        order.append(key)
        if order.count > Limits.keysMax, let oldest = order.popFirst() { ids[oldest] = nil }
    }
}
