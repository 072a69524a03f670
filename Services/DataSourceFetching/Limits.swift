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
    /// Bytes of a person's attributes.
    static let profileBytesMax = 256 << 10
    /// Times that a profile is read, merged and written anew while others write it too.
    static let profileAttemptsMax = 16
}
