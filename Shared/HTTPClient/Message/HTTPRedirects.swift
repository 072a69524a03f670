/// What is done about an answer that points elsewhere.
package enum HTTPRedirects: Sendable, Hashable {
    /// The 3xx answer is the answer.
    case none

    /// Followed up to `max` times, at most 3, with the same method: never from https to http or to another origin with
    /// credentials. A request that may change something is made again by 301 or 302 once, within its origin, and never
    /// by 303; where it is not, the 3xx answer is the answer.
    case follow(max: Int)

    /// The bound that holds whatever was asked for.
    static let followedMax = 3

    var limit: Int {
        switch self {
        case .none: 0
        case .follow(let max): Swift.min(Swift.max(max, 0), Self.followedMax)
        }
    }
}
