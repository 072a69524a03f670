/// Bounds of this service that are no settings: each with its unit and its reason.
enum Limits {
    /// Bytes of the answer of a third party: a field group is a handful of fields, not a download.
    static let responseBytesMax = 1 << 20
    /// Redirects that are followed, never with credentials to another host.
    static let redirectsMax = 3
    /// Milliseconds that a request may take whatever it says itself; its claim is renewed meanwhile.
    static let requestMillisecondsMax: Int64 = 40_000
    /// Endpoints whose breakers and averages are remembered; the one unused the longest goes first.
    static let endpointsMax = 1_000
    /// Characters of a third party's answer that `dataSources.test` shows.
    static let shownCharactersMax = 65_536
    /// Milliseconds that `dataSources.testAuthentication` waits for a token.
    static let tokenTestMilliseconds: Int64 = 10_000
    /// Times that a profile is read, merged and written anew while others write it too.
    static let profileAttemptsMax = 16
    /// Kept events of a person that are read at once.
    static let keptEventsPage = 200
    /// People of one piece of a walk over everyone: some tens of milliseconds of work, and at most 50 MiB of profiles.
    static let walkPiece = 200
    /// Times that people of a piece whose profiles change meanwhile are read again before the walk comes back later.
    static let walkAttemptsMax = 16
    /// Elements in an inbox past which a walk that tells of its changes waits: half of what ingestion may fill.
    static let walkInboxMark: Int64 = 10_000
    /// Partitions walked side by side by one process.
    static let walkLanes = 4
    /// A walker that is silent for so long is taken for dead.
    static let walkLease = Duration.seconds(3)
    /// Between two looks whether something is to be evaluated.
    static let walkPause = Duration.milliseconds(250)
    /// How often partitions whose walks are over are looked at again.
    static let walkReviewEvery = Duration.seconds(60)
    /// Between two looks for what is left of deleted audiences.
    static let walkSweepEvery = Duration.seconds(10)
}
