import Engine
import Expressions
import Models

/// What the rounds know of a journey's life beside its plans.
struct JourneyLife: Sendable {
    /// That people may be inside, oldest first.
    let versions: [Int64]
    let live: Int64?
    let isPaused: Bool
    let readers: [Int64: JourneyNode.ReadAudience]
    /// Business events that start the live version.
    let business: [String]
    /// Whose clocks the schedule of the live version goes by.
    let zone: Zone?
    let publishedAt: Int64

    init(_ record: JourneyRecord) {
        versions = record.versions.filter { record.engineState(of: $0) != nil }.map(\.number)
        live = record.live?.number
        isPaused = record.pause != nil
        publishedAt = record.live?.publishedAt ?? 0
        guard let live = record.live, let (reading, document) = live.reading else {
            readers = [:]
            business = []
            zone = nil
            return
        }
        readers = [live.number: reading]
        business = document.nodes.compactMap { node in
            if case .businessEvent(let event) = node.body { event } else { nil }
        }
        zone =
            switch document.properties.timezone {
            case .fixed(let name): Zone(identifier: name)
            case .profile(_, let fallback): Zone(identifier: fallback)
            }
    }
}

extension JourneyRecord {
    /// How the engine sees a version; nil where nobody can be inside.
    func engineState(of version: Version) -> JourneySet.State? {
        switch version.state {
        case .live:
            if let pause { .paused(onAction: pause.onAction) } else { .live }
        case .closed:
            if let pause { .paused(onAction: pause.onAction) } else { .closed }
        case .stopped: .stopped
        case .draft, .finished, .paused: nil
        }
    }
}

extension JourneyRecord {
    /// Until when those who left a finished version last may still reach its goal; nil where there is none, or the
    /// version is not finished. The window is counted from the entry, so it is over by then.
    func goalUntil(of version: Version) -> Int64? {
        guard version.state == .finished, let finished = version.endedAt,
            version.document["properties"]?["goal"] != nil
        else { return nil }
        let properties = JourneyDocument(version.document).properties
        return properties.goal.map { finished &+ ($0.withinMilliseconds ?? properties.globalTimeoutMilliseconds) }
    }
}

extension JourneyRecord.Version {
    /// How it reads an audience, where it does.
    var reading: (JourneyNode.ReadAudience, JourneyDocument)? {
        guard document["nodes"]?.arrayValue?.contains(where: { $0["type"] == "readAudience" }) ?? false else {
            return nil
        }
        let document = JourneyDocument(document)
        for node in document.nodes {
            if case .readAudience(let reading) = node.body { return (reading, document) }
        }
        return nil
    }
}
