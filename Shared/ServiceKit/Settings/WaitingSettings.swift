/// How much may wait for third parties: known to the services that put requests off, and to the one that refuses
/// events.
package enum WaitingSettings {
    package static let bytes = Setting.integer(
        "waiting-max", in: 4_096...1_073_741_824, unit: "bytes", default: 16_777_216,
        "Requests put off in a partition, of fetches and of actions each: from there on events are refused, and no "
            + "action or field group may hold more than an equal share. Set alike for event-ingestion, "
            + "data-source-fetching and action-dispatch.")
    package static let share = Setting.integer(
        "waiting-share", in: 1...100, unit: "percent", default: 25,
        "The part of waiting-max that one action or field group may hold; more of its requests end as backlogFull.")
    package static let age = Setting.duration(
        "waiting-age", in: .seconds(1) ... .seconds(2_592_000), default: .seconds(86_400),
        "A request that is put off for longer, counted from its first claim, ends as backlogFull.")

    /// Those of a service that puts requests off.
    package static let all: [any DeclaredSetting] = [bytes, share, age]
}
