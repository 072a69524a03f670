/// What a subscription hears.
package enum RedisNotice: Sendable, Hashable {
    case message(channel: String, payload: [UInt8])
    /// Messages may have been missed until now: look for yourself. Comes when the subscription begins to hear, the
    /// first time and after each reconnection, and when notices were dropped since nobody took them.
    case gap
}
