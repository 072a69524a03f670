/// What an expression reads, as far as its text tells. A path ends where a condition, an index or a map begins: all
/// below it is read.
package struct References: Sendable, Hashable {
    package struct EventField: Sendable, Hashable {
        package let event: String
        /// Empty: the whole event.
        package let path: [String]
    }

    package struct LookupUse: Sendable, Hashable {
        package let source: String
        package let group: String
        /// Empty: the whole answer.
        package let path: [String]
    }

    package struct ActionField: Sendable, Hashable {
        package let action: String
        /// Empty: the whole response.
        package let path: [String]
    }

    package internal(set) var eventFields: [EventField] = []
    /// An empty path is the whole profile.
    package internal(set) var profilePaths: [[String]] = []
    package internal(set) var lookups: [LookupUse] = []
    package internal(set) var actions: [ActionField] = []
    package internal(set) var audiences: [String] = []
    package internal(set) var journeyAttributes: [JourneyAttribute] = []
    package internal(set) var usesNow = false
    package internal(set) var usesRandom = false
    package internal(set) var usesExperienceEvents = false
}

extension Array where Element: Equatable {
    mutating func appendIfNew(_ element: Element) {
        if !contains(element) { append(element) }
    }
}
