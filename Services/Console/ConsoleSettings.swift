import Models
import ServiceKit

/// Settings of the console beyond those that every service has.
enum ConsoleSettings {
    static let basePort = Setting.integer(
        "base-port", in: 1...65_530, unit: "port", default: 7100,
        "The services listen on the ports after it, in the order event-ingestion, data-source-fetching, "
            + "journey-execution, action-dispatch, journey-reporting.")
    static let servicesHost = Setting.text(
        "services-host", name: "HOST", default: "127.0.0.1", "The machine that the services run on.")
    static let sessionTime = Setting.duration(
        "session-time", in: .seconds(60) ... .seconds(604_800), default: .seconds(43_200),
        "How long a browser stays signed in after it last asked for something: a working day.")
    static let secureCookies = Setting.flag(
        "secure-cookies", "Set it where browsers reach the console by HTTPS: the session then travels in no other way.")
    static let relayTimeout = Setting.duration(
        "relay-timeout", in: .milliseconds(100) ... .seconds(600), default: .seconds(60),
        "How long a relayed call may take; the longest are tests of sources and actions.")
    static let web = Setting.optionalText(
        "web", name: "DIR", "The folder of the browser's files, where it is not beside the executable.")

    static let all: [any DeclaredSetting] =
        [basePort, servicesHost] + ServiceName.allCases.compactMap(\.urlSetting) + [
            sessionTime, secureCookies, relayTimeout, web,
        ]
}
