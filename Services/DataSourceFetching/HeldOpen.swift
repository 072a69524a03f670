import ServiceLifecycle

/// Something that is opened when the service starts and closed after all that uses it has stopped.
struct HeldOpen: Service {
    let open: @Sendable () throws -> Void
    let close: @Sendable () async -> Void

    func run() async throws {
        try open()
        try? await gracefulShutdown()
        await close()
    }
}
