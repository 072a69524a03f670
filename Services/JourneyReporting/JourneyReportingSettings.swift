import ServiceKit

/// Settings of journey-reporting beyond those that every service has.
enum JourneyReportingSettings {
    static let store = Setting.text(
        "store", name: "FILE", default: "steps.sqlite", "The SQLite file of the step store; made where it is not there."
    )
    static let retention = Setting.duration(
        "retention", in: .seconds(3_600) ... .seconds(10 * 366 * 86_400), default: .seconds(90 * 86_400),
        "How long step events are kept.")
    static let drainEvery = Setting.duration(
        "drain-every", in: .milliseconds(10) ... .seconds(10), default: .milliseconds(100),
        "How long to wait between two drains, so that one transaction holds many step events.")

    static let all: [any DeclaredSetting] = [store, retention, drainEvery]
}
