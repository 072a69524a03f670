import ServiceKit

/// Settings of event-ingestion beyond those that every service has.
enum EventIngestionSettings {
    static let publicURL = Setting.optionalText(
        "public-url", name: "URL",
        "How senders reach this service, for the addresses that it shows; default: host and port.")
    static let inboxMax = Setting.integer(
        "inbox-max", in: 10...10_000_000, unit: "elements", default: 20_000,
        "Length of a partition's inbox at which events are refused: some seconds of work at full speed.")
    static let requestsMark = Setting.integer(
        "requests-mark", in: 10...10_000_000, unit: "elements", default: 20_000,
        "Length of a partition's fetches or actions at which events are refused, as the outside does not keep up.")
    static let stepsMark = Setting.integer(
        "steps-mark", in: 10...10_000_000, unit: "elements", default: 20_000,
        "Length of a partition's steps at which events are refused, as the step store does not keep up.")
    static let duplicateWindow = Setting.duration(
        "duplicate-window", in: .seconds(60) ... .seconds(604_800), default: .seconds(86_400),
        "How long an event with the same _id has no second effect.")
    static let bodyMax = Setting.integer(
        "inlet-body-max", in: 1_024...16_777_216, unit: "bytes", default: 1_048_576, "Body of a request to an inlet.")
    static let batchMax = Setting.integer(
        "batch-max", in: 1...10_000, unit: "events", default: 1_000, "Events of one batch.")

    static let all: [any DeclaredSetting] = [
        publicURL, inboxMax, requestsMark, WaitingSettings.bytes, stepsMark, duplicateWindow, bodyMax, batchMax,
    ]
}
