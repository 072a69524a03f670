import ServiceKit

/// The settings of `data-source-fetching`, each with its unit and the reason for its default.
enum DataSourceFetchingSettings {
    static let allowOutbound = Setting.list(
        "allow-outbound", name: "HOST:PORT",
        "Addresses that may be called though they are not public: host, host:port, address, network/bits.")
    static let inFlightMax = Setting.integer(
        "fetches-in-flight", in: 1...10_000, unit: "requests", default: 512,
        "Requests performed at once. Each waits for a third party, so many fit into one process.")
    static let endpointPlaces = Setting.integer(
        "endpoint-connections", in: 1...1_000, unit: "calls", default: 64,
        "Calls to one endpoint at once, so that one that hangs leaves room for the others.")
    static let attemptsMax = Setting.integer(
        "attempts", in: 1...10, unit: "calls", default: 3,
        "Calls of one look-up, the first included, as far as its time-out allows.")
    static let cacheMebibytes = Setting.integer(
        "cache-size", in: 1...16_384, unit: "MiB", default: 64, "Memory for answers that may be used again.")
    static let lease = Setting.duration(
        "claim-lease", in: .seconds(2) ... .seconds(600), default: .seconds(20),
        "After so long a claimed request of a dead worker goes to another; living workers renew their claims.")
    static let certificates = Setting.optionalText(
        "outbound-certificates", name: "FILE", "Certificates of authorities to trust instead of the system's (PEM).")

    static let all: [any DeclaredSetting] = [
        allowOutbound, inFlightMax, endpointPlaces, attemptsMax, cacheMebibytes, lease, certificates,
    ] + WaitingSettings.all

    /// What the parts of the service are made from.
    static func options(_ host: ServiceHost) -> DataSourceFetching.Options {
        var options = DataSourceFetching.Options(now: ServiceHost.clock)
        options.allowOutbound = host.settings[allowOutbound]
        options.inFlightMax = host.settings[inFlightMax]
        options.endpointPlaces = host.settings[endpointPlaces]
        options.attemptsMax = host.settings[attemptsMax]
        options.cacheBytesMax = host.settings[cacheMebibytes] << 20
        options.lease = host.settings[lease]
        options.certificateFile = host.settings[certificates]
        options.drain = max(.seconds(1), host.settings[CommonSettings.drainTime] - .seconds(2))
        options.worker = host.processName()
        options.isGone = ServiceHost.isGone
        options.waitingBytesMax = host.settings[WaitingSettings.bytes]
        options.waitingShare = host.settings[WaitingSettings.share]
        options.waitingAge = host.settings[WaitingSettings.age]
        return options
    }
}
