import Glibc
import Threads

/// The thread of a connection: hiredis blocks when it connects.
enum RedisThread {
    /// hiredis takes a signal during its wait for a connection for a failure.
    private static let signals = [SIGPIPE, SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGCHLD]

    /// - Throws: `closed` when the system gives no thread.
    static func start(_ run: @escaping @Sendable () -> Void) throws(RedisError) {
        guard DetachedThread.start(blocking: signals, run) else {
            throw RedisError(.closed, "The connection cannot start: no thread is left.", retry: .safe)
        }
    }
}
