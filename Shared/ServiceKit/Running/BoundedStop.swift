import ServiceLifecycle

/// A service that, once it is told to stop, has so much time and is then cancelled: it must not take the time of those
/// that stop after it.
struct BoundedStop: Service {
    let service: any Service
    let stopTimeMax: Duration

    func run() async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await service.run()
                return true
            }
            group.addTask {
                try await gracefulShutdown()
                try await Task.sleep(for: stopTimeMax)
                return false
            }
            defer { group.cancelAll() }
            _ = try await group.next()
        }
    }
}
