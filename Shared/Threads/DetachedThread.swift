import Glibc

/// A thread that nobody waits for: for what blocks, and must not take one of the few threads that run tasks.
package enum DetachedThread {
    private final class Body {
        let signals: [Int32]
        let run: @Sendable () -> Void

        init(_ signals: [Int32], _ run: @escaping @Sendable () -> Void) {
            self.signals = signals
            self.run = run
        }
    }

    /// Starts a thread that ends with its work.
    ///
    /// - Parameter signals: those that the thread leaves to others.
    /// - Returns: false where the system gives no thread.
    package static func start(blocking signals: [Int32] = [], _ run: @escaping @Sendable () -> Void) -> Bool {
        var thread = pthread_t()
        let body = Unmanaged.passRetained(Body(signals, run))
        let code = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                let body = Unmanaged<Body>.fromOpaque(context).takeRetainedValue()
                DetachedThread.block(body.signals)
                body.run()
                return nil
            }, body.toOpaque())
        guard code == 0 else {
            body.release()
            return false
        }
        pthread_detach(thread)
        return true
    }

    private static func block(_ signals: [Int32]) {
        if signals.isEmpty { return }
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal) }
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }
}
