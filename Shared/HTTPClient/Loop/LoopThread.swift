import Glibc

/// Starts a thread that the process does not wait for.
enum LoopThread {
    private final class Body {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) {
            self.run = run
        }
    }

    /// - Throws: `closed` when the system gives no thread.
    static func start(_ run: @escaping @Sendable () -> Void) throws(HTTPError) {
        var thread = pthread_t()
        let body = Unmanaged.passRetained(Body(run))
        let code = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                LoopThread.blockBrokenPipe()
                Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, body.toOpaque())
        guard code == 0 else {
            body.release()
            throw HTTPError(.closed, "The client cannot start: no thread is left.", retry: .safe)
        }
        pthread_detach(thread)
    }

    /// OpenSSL writes to sockets without MSG_NOSIGNAL, and libcurl leaves the signal to us.
    private static func blockBrokenPipe() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }
}
