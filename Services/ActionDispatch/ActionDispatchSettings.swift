import ServiceKit

/// Settings of action-dispatch beyond those that every service has.
enum ActionDispatchSettings {
    static let allowOutbound = Setting.list(
        "allow-outbound", name: "HOST:PORT",
        "Addresses that may be called although they are not public: host:port, address:port, or a network: 10.0.0.0/8."
    )
    static let inFlight = Setting.integer(
        "in-flight-max", in: 1...10_000, unit: "requests", default: 512,
        "Requests performed at once, over all endpoints.")
    static let endpointPlaces = Setting.integer(
        "endpoint-max", in: 1...10_000, unit: "requests", default: 128,
        "Requests performed at once at one endpoint, so that a slow one leaves places to the others.")
    static let claimLease = Setting.duration(
        "claim-lease", in: .seconds(2) ... .seconds(600), default: .seconds(20),
        "After so long a claimed request of a dead worker goes to another; living workers renew their claims.")

    static let fault = Setting.optionalText(
        "fault", name: "kill:TEXT",
        "For fault tests only: the process ends by SIGKILL when it is about to perform a request with that text.")

    static let all: [any DeclaredSetting] =
        [allowOutbound, inFlight, endpointPlaces, claimLease, fault] + WaitingSettings.all
}
