import ServiceKit

/// Settings of journey-reporting beyond those that every service has.
enum JourneyReportingSettings {
    static let store = Setting.text(
        "store", name: "FILE", default: "steps.sqlite", "The SQLite file of the step store; made where it is not there."
    )
    static let retention = Setting.duration(
        "retention", in: .seconds(3_600) ... .seconds(10 * 366 * 86_400), default: .seconds(31 * 86_400),
        "How long step events are kept one by one.")
    static let countRetention = Setting.duration(
        "count-retention", in: .seconds(86_400) ... .seconds(10 * 366 * 86_400), default: .seconds(400 * 86_400),
        "How long the counts that reports are made of are kept: a year and the month before, to compare with.")
    static let drainEvery = Setting.duration(
        "drain-every", in: .milliseconds(10) ... .seconds(10), default: .milliseconds(250),
        "How long to wait between two drains, so that one transaction holds many step events.")
    static let alertEvery = Setting.duration(
        "alert-every", in: .milliseconds(100) ... .seconds(300), default: .seconds(5),
        "How often alerts are evaluated.")
    static let allowOutbound = Setting.list(
        "allow-outbound", name: "HOST:PORT",
        "Addresses that webhooks may have although they are not public: host:port, address:port, or a network: "
            + "10.0.0.0/8.")

    static let all: [any DeclaredSetting] = [
        store, retention, countRetention, drainEvery, alertEvery, allowOutbound,
    ]
}
