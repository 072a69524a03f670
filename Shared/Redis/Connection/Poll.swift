import Glibc

/// What a thread of this module waits for.
enum Poll {
    /// Waits until the descriptor is ready for one of the events, or the time is over. False when it is over.
    static func wait(_ descriptor: Int32, for events: Int32, within limit: Duration) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        return poll(&entry, 1, milliseconds(limit)) > 0
    }

    /// Waits until one of them is readable, or the time is over (`nil`: without end). A negative descriptor is none.
    static func wait(
        readable first: Int32, or second: Int32, within limit: Duration?
    ) -> (first: Bool, second: Bool) {
        var entries = (
            pollfd(fd: first, events: Int16(POLLIN), revents: 0), pollfd(fd: second, events: Int16(POLLIN), revents: 0)
        )
        let count = withUnsafeMutableBytes(of: &entries) { bytes in
            poll(bytes.bindMemory(to: pollfd.self).baseAddress, 2, limit.map(milliseconds) ?? -1)
        }
        return count > 0 ? (entries.0.revents != 0, entries.1.revents != 0) : (false, false)
    }

    /// Rounded up: a wait of less than a millisecond must not become a spin.
    private static func milliseconds(_ duration: Duration) -> Int32 {
        let (seconds, attoseconds) = duration.components
        if seconds >= 3_600 { return 3_600_000 }
        let whole = seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        return Int32(max(0, whole))
    }
}
