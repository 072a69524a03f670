import CHiredis
import Glibc

/// Wakes a thread that polls.
final class WakeSignal: Sendable {
    /// Readable after `raise` until `clear`.
    let descriptor: Int32

    init() throws(RedisError) {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        guard descriptor >= 0 else {
            throw RedisError(.closed, "The connection cannot start: no file descriptor is left.", retry: .safe)
        }
    }

    deinit {
        Glibc.close(descriptor)
    }

    func raise() {
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
    }

    func clear() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
    }
}
