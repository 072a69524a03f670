/// Bounds of this service that are no settings: each with its unit and its reason.
enum Limits {
    /// Bytes of a third party's answer: what a journey may read of it is far less.
    static let responseBytesMax = 1 << 20
    /// Redirects that are followed, never with credentials to another host.
    static let redirectsMax = 3
    /// Definitions of actions kept in memory, by name and revision.
    static let definitionsMax = 2_000
    /// Milliseconds of one call, whatever the time left; its claim is renewed meanwhile.
    static let callMillisecondsMax: Int64 = 30_000
    /// Milliseconds of the call of a request whose worker died and whose time is over: it is tried once more.
    static let lateCallMilliseconds: Int64 = 5_000
    /// Claims of a request before it is a dead letter, without one that was answered or given back.
    static let deliveriesMax = 5
}
