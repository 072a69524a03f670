import Threads

/// A thread for a test's blocking sockets, which must not take those of the tasks.
enum TestThread {
    static func start(_ run: @escaping @Sendable () -> Void) throws {
        guard DetachedThread.start(run) else { throw TestKitError("No thread is left.") }
    }
}
