/// Bounds of alerts that are no settings.
enum AlertLimits {
    /// Alerts that are evaluated; those beyond, by name, are not, and a create is refused.
    static let alertsMax = 1_000
    /// Changes of an alert's state that are kept, the newest.
    static let historyMax = 100
    /// Notifications of one alert that wait for their webhook; the oldest gives way.
    static let waitingMax = 10
    /// Calls of a webhook for one notification; over about a day.
    static let attemptsMax = 12
    static let firstDelayMilliseconds: Int64 = 5_000
    static let delayMaxMilliseconds: Int64 = 4 * 3_600_000
    /// Notifications under way at once.
    static let sendingMax = 8
    /// What a webhook may take, from connecting to its answer.
    static let callTime: Duration = .seconds(10)
    static let answerBytesMax = 64 << 10
}
