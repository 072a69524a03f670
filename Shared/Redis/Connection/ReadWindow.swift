/// How much Redis reads of this connection at once, and when it has to be made more.
///
/// Redis reads about 16 KiB of a connection in each turn of its loop, and with `appendfsync always` it syncs the disk
/// once a turn: a batch of 160 KiB would cost ten syncs. But it reads as much as its buffer for the connection holds,
/// the buffer grows to the longest argument, and it shrinks only when for a tenth of a second less than half of it was
/// used. So a long batch is preceded by one long argument, once in a while. Measured with 256 callers: three to four
/// times as many commands a second on a disk that syncs slowly.
struct ReadWindow: Sendable {
    /// What Redis reads anyway.
    static let bytesUsual = 24 << 10
    /// Redis looks ten times a second at most (`hz`); earlier than that nothing has shrunk.
    static let lasts: Duration = .milliseconds(90)

    private let bytesMax: Int
    private var bytes = 0
    private var lastFilled: ContinuousClock.Instant?

    init(bytesMax: Int) {
        self.bytesMax = bytesMax
    }

    /// How long an argument has to go before a batch of this size; `nil` for none.
    mutating func widening(before batchBytes: Int, at now: ContinuousClock.Instant) -> Int? {
        guard batchBytes > Self.bytesUsual else { return nil }
        let needed = min(batchBytes, bytesMax)
        if bytes >= needed, let lastFilled, lastFilled.duration(to: now) < Self.lasts {
            if needed >= bytes / 2 { self.lastFilled = now }
            return nil
        }
        // A power of two, so that a growing load widens a few times and not at each batch.
        var wide = 2 * Self.bytesUsual
        while wide < needed { wide *= 2 }
        bytes = wide
        lastFilled = now
        return wide
    }

    /// A command that does nothing, with one argument of this length. Its answer matters to nobody: an argument
    /// is read before anything is known of it.
    static func command(bytes: Int) -> RedisCommand {
        RedisCommand("SCRIPT", "EXISTS", [UInt8](repeating: UInt8(ascii: "-"), count: bytes))
    }
}
