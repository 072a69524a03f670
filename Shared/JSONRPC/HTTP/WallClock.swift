import Glibc

/// The time of day, for headers alone.
enum WallClock {
    /// Seconds since 1970.
    static func seconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME_COARSE, &time)
        return Int64(time.tv_sec)
    }
}
