import Glibc
import Threads

/// The thread of libcurl's loop.
enum LoopThread {
    /// - Throws: `closed` when the system gives no thread.
    static func start(_ run: @escaping @Sendable () -> Void) throws(HTTPError) {
        // OpenSSL writes to sockets without MSG_NOSIGNAL, and libcurl leaves the signal to us.
        guard DetachedThread.start(blocking: [SIGPIPE], run) else {
            throw HTTPError(.closed, "The client cannot start: no thread is left.", retry: .safe)
        }
    }
}
