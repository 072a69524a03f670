import ServiceKit

/// Settings of journey-execution beyond those that every service has.
enum JourneyExecutionSettings {
    static let loops = Setting.integer(
        "loops", in: 1...64, unit: "loops", default: 2,
        "Engine loops side by side, each over its share of the partitions; as many as there are cores.")
    static let lease = Setting.duration(
        "lease", in: .seconds(2) ... .seconds(300), default: .seconds(10),
        "How long a partition stays with a replica that gives no sign of life.")
    static let gathering = Setting.duration(
        "gathering", in: .zero ... .milliseconds(100), default: .milliseconds(2),
        "How long a busy loop waits so that a batch can form.")
    static let reportingURL = Setting.text(
        "journey-reporting-url", name: "URL", default: "http://127.0.0.1:7105",
        "Where journey-reporting is: traces and histories ask it what is on record, with the admin key.")
    static let brokenRetry = Setting.duration(
        "broken-retry", in: .seconds(1) ... .seconds(86_400), default: .seconds(600),
        "How long a timer is put off whose person has a key of the wrong type in Redis.")
    static let keptEvents = Setting.integer(
        "kept-events", in: 1...256, unit: "events", default: 16,
        "What comes for an instance while it looks up, acts or is held is kept until it listens again: so much of it.")
    static let instances = Setting.integer(
        "instances", in: 1...1_000, unit: "instances", default: 100,
        "Instances that one person may be inside at once, over all journeys; past it an entry is refused (tooMany).")
    static let fault = Setting.optionalText(
        "fault", name: "POINT:N",
        "For fault tests only: a place such as after-read or before-tour kills the process at the Nth pass; trap:ID"
            + " aborts at that stimulus."
    )

    static let all: [any DeclaredSetting] = [
        loops, lease, gathering, keptEvents, instances, brokenRetry, reportingURL, fault,
    ]
}
