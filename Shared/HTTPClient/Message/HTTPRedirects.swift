/// What is done about an answer that points elsewhere.
package enum HTTPRedirects: Sendable, Hashable {
    /// The 3xx answer is the answer.
    case none

    /// Followed up to `max` times, at most 3: never from https to http or to another origin with credentials.
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
