import Models

/// The members of the loyalty programme: the customers of the examples.
enum Members {
    /// The key that callers must send as `x-key`.
    static let key = "demo-key"

    /// Tier and points of a member; `nil` for a stranger.
    static func account(_ id: String) -> JSONValue? {
        switch id {
        case "42": ["tier": "gold", "points": 1_240]
        case "43": ["tier": "silver", "points": 310]
        case "44": ["tier": "gold", "points": 980]
        case "45": ["tier": "bronze", "points": 40]
        case "46": ["tier": "silver", "points": 520]
        default: nil
        }
    }
}
