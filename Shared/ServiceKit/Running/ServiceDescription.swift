/// Which service an executable is.
package struct ServiceDescription: Sendable {
    /// The executable's name.
    package let name: String
    /// One sentence for `--help` and the discovery document.
    package let summary: String
    package let port: Setting<Int>
    /// Its own settings, after those that every service has.
    package let settings: [any DeclaredSetting]
    /// Whether it works on Redis: then it waits for it, and keys are read from there.
    package let usesRedis: Bool
    /// Whether each request is answered after little computing: then it stays on its connection's event loop.
    package let hasShortRequests: Bool

    /// - Parameter port: where it listens unless set.
    package init(
        name: String, summary: String, port: Int, settings: [any DeclaredSetting] = [], usesRedis: Bool = true,
        hasShortRequests: Bool = false
    ) {
        self.name = name
        self.summary = summary
        self.port = CommonSettings.port(default: port)
        self.settings = settings
        self.usesRedis = usesRedis
        self.hasShortRequests = hasShortRequests
    }

    /// All settings in the order of the help.
    var declared: [any DeclaredSetting] {
        [port] + settings + CommonSettings.ofAll + (usesRedis ? CommonSettings.ofRedis : [])
    }
}
