// Members of `timespec` are seen as declared by this header, which includes the system's epoll.
import CCurl
import Glibc

/// The clock of all times of a run: nanoseconds, never running back.
enum SteadyClock {
    static var nanoseconds: Int64 { Clocks.read(CLOCK_MONOTONIC) }
}

enum Clocks {
    /// Nanoseconds of one of the system's clocks.
    static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
