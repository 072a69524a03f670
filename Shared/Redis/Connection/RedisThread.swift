import Glibc

/// Starts a thread that the process does not wait for. hiredis blocks when it connects, so a connection has a
/// thread of its own instead of one of the few that run tasks.
enum RedisThread {
    private final class Body {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) {
            self.run = run
        }
    }

    /// - Throws: `closed` when the system gives no thread.
    static func start(_ run: @escaping @Sendable () -> Void) throws(RedisError) {
        var thread = pthread_t()
        let body = Unmanaged.passRetained(Body(run))
        let code = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                RedisThread.leaveSignalsToOthers()
                Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, body.toOpaque())
        guard code == 0 else {
            body.release()
            throw RedisError(.closed, "The connection cannot start: no thread is left.", retry: .safe)
        }
        pthread_detach(thread)
    }

    /// hiredis takes a signal during its wait for a connection for a failure.
    private static func leaveSignalsToOthers() {
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in [SIGPIPE, SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGCHLD] { sigaddset(&signals, signal) }
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }
}
