/// Bounds of the console that are no settings.
enum Limits {
    /// Bytes of a sign-in: a key or a token of 8 KiB with its surroundings.
    static let signInBytesMax = 16 << 10
    /// Bytes of a relayed request: what `/rpc` of every service takes.
    static let requestBytesMax = 4 << 20
    /// Bytes of a relayed answer: pages of 1,000 elements of 64 KiB are cut off by their services before.
    static let answerBytesMax = 32 << 20
    /// Calls under way to one service; the rest waits within the relay's time.
    static let callsPerService = 64

    /// Sessions that are kept; a sign-in beyond them is refused until some have ended.
    static let sessionsMax = 10_000
    /// A session's end is written anew only when it moved by this much, so that a live page does not write each second.
    static let sessionStepMilliseconds: Int64 = 60_000
    /// How often ended sessions are removed.
    static let sweepEvery: Duration = .seconds(300)
    /// Sessions read at once by a sweep.
    static let sweepCount = 500

    /// Files of the page and their bytes together: they are held in memory.
    static let filesMax = 1_000
    static let fileBytesMax = 32 << 20

    /// Live views that are open at once, over all browsers.
    static let liveViewsMax = 500
    /// How long a view waits for sums before it looks at the clock.
    static let liveTick: Duration = .seconds(1)
    /// A line that was silent for so long gets a comment: proxies close silent ones after 30 s or more.
    static let liveBeat: Duration = .seconds(10)
    /// How often a view asks whether its session goes on, and says that it watches.
    static let liveCheck: Duration = .seconds(3)
    /// For how long a view says that it watches: three checks, so that one may fail.
    static let liveWatchMilliseconds: Int64 = 10_000

    /// Audit entries that one `audit.list` looks at for those that its filter wants.
    static let auditReadMax = 10_000
}
