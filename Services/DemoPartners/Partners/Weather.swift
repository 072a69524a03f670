import Models

/// The weather, which never changes here, so that examples end the same way every time.
enum Weather {
    /// Condition and degrees Celsius in a city, by its English name in any case; `nil` where nobody looks.
    static func current(_ city: String) -> JSONValue? {
        switch city.lowercased() {
        case "paris": ["condition": "rain", "temperature": 11.5]
        case "berlin": ["condition": "sun", "temperature": 18.5]
        case "seoul": ["condition": "snow", "temperature": -2.5]
        case "london": ["condition": "fog", "temperature": 8.5]
        case "madrid": ["condition": "sun", "temperature": 27.5]
        case "new york": ["condition": "wind", "temperature": 14.5]
        default: nil
        }
    }
}
