import Models

extension JourneySet {
    /// A version that people may be inside and that has no plan, as it does not compile. Nobody enters it; its people
    /// wait, and what comes for them is kept for when it is mended.
    package struct Broken: Sendable {
        /// Sentences that are kept of it.
        package static let reasonsMax = 10

        package let journey: String
        package let version: Int64
        package let reasons: [String]
        package let state: State
        /// Whether people would enter it: it is its journey's newest version.
        var isNewest = false
        /// By what people would enter it.
        let entryEvent: String?
        let entryAudience: String?
        /// What may concern its people.
        let events: Set<String>
        let audiences: Set<String>

        package init(
            _ document: JourneyDocument, journey: String, version: Int64, state: State, reasons: [String]
        ) {
            self.journey = journey
            self.version = version
            self.state = state
            self.reasons = reasons
            let uses = document.uses
            events = Set(uses.events)
            audiences = Set(uses.audiences)
            switch document.nodes.first?.body {
            case .event(let entry)?: (entryEvent, entryAudience) = (entry.event, nil)
            case .audience(let audience, _)?: (entryEvent, entryAudience) = (nil, audience)
            default: (entryEvent, entryAudience) = (nil, nil)
            }
        }

        /// Why nobody enters it.
        var refusal: EngineCount {
            switch state {
            case .live: .notCompiled
            case .paused: .paused
            case .closed, .stopped, .finished: .notLive
            }
        }
    }

    /// The version that people would enter, where it is broken.
    func brokenEntry(of journey: String) -> Broken? {
        broken.first { $0.journey == journey && $0.isNewest }
    }

    func broken(_ journey: String, _ version: Int64) -> Broken? {
        broken.first { $0.journey == journey && $0.version == version }
    }
}
