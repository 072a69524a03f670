import CCurl

/// The one moment at which libcurl wants to be called although no socket is ready.
final class CurlTimer {
    private var deadline: ContinuousClock.Instant?

    /// Longest sleep without a deadline; nothing depends on it.
    private static let idleMilliseconds: Int64 = 1_000

    /// Tells libcurl to set its timer here; the timer must live as long as the multi handle.
    func attach(to multi: UnsafeMutableRawPointer) {
        ccurl_multi_set_timer_callback(multi, setTimer, Unmanaged.passUnretained(self).toOpaque())
    }

    func isDue(at now: ContinuousClock.Instant) -> Bool {
        deadline.map { $0 <= now } ?? false
    }

    /// How long the loop may sleep, rounded up so that it does not wake too early and spin.
    func milliseconds(from now: ContinuousClock.Instant) -> Int64 {
        guard let deadline else { return Self.idleMilliseconds }
        guard deadline > now else { return 0 }
        return min((deadline - now).milliseconds + 1, Self.idleMilliseconds)
    }

    func clear() {
        deadline = nil
    }

    fileprivate func set(milliseconds: Int) {
        deadline = milliseconds < 0 ? nil : .now + .milliseconds(milliseconds)
    }
}

private func setTimer(
    _ multi: UnsafeMutableRawPointer?, _ milliseconds: Int, _ context: UnsafeMutableRawPointer?
) -> Int32 {
    guard let context else { return 0 }
    Unmanaged<CurlTimer>.fromOpaque(context).takeUnretainedValue().set(milliseconds: milliseconds)
    return 0
}
