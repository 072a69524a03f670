import Testing

/// Faults that are promised and not tested here yet: each shows as skipped, with the reason.
@Suite("Faults that are not tested")
struct NotCovered {
    @Test("Redis Cluster: failover, resharding under load", .disabled("not built yet: cluster routing comes later"))
    func cluster() {}

    @Test("SMTP faults", .disabled("not built yet: channels come later"))
    func smtp() {}
}
