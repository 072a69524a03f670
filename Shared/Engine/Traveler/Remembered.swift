import Models

/// The goal of an instance that has left, which may still be reached.
struct OpenGoal: Sendable, Hashable {
    let journey: String
    let version: Int64
    /// When the window is over, in milliseconds since 1970.
    let until: Int64
    /// The number of the instance's last step event.
    let steps: Int64

    init(journey: String, version: Int64, until: Int64, steps: Int64) {
        self.journey = journey
        self.version = version
        self.until = until
        self.steps = steps
    }

    init?(_ bytes: [UInt8]) {
        guard let value = try? JSONValue.parse(bytes), let journey = value["journey"]?.stringValue,
            let version = value["version"]?.integerValue, let until = value["until"]?.integerValue,
            let steps = value["steps"]?.integerValue
        else { return nil }
        self.init(journey: journey, version: version, until: until, steps: steps)
    }

    var bytes: [UInt8] {
        var writer = ElementWriter(capacity: 96)
        writer.add("journey", journey)
        writer.add("version", version)
        writer.add("until", until)
        writer.add("steps", steps)
        return writer.finish()
    }
}

/// The run that last admitted the person to a journey, and when.
struct LastAdmission: Sendable, Hashable {
    let run: String
    let at: Int64

    init(run: String, at: Int64) {
        self.run = run
        self.at = at
    }

    init?(_ bytes: [UInt8]) {
        guard let value = try? JSONValue.parse(bytes), let run = value["run"]?.stringValue,
            let at = value["at"]?.integerValue
        else { return nil }
        self.init(run: run, at: at)
    }

    var bytes: [UInt8] {
        var writer = ElementWriter(capacity: 96)
        writer.add("run", run)
        writer.add("at", at)
        return writer.finish()
    }
}

extension Traveler {
    /// Holds what a test or dry run changed of the profile: `[{"path":["vip"],"value":true}]`.
    static let overlayField = "profile"

    static func overlay(_ bytes: [UInt8]) -> [(path: [String], value: JSONValue)] {
        guard let value = try? JSONValue.parse(bytes) else { return [] }
        return (value.arrayValue ?? []).map { item in
            ((item["path"]?.arrayValue ?? []).compactMap(\.stringValue), item["value"] ?? .null)
        }
    }

    /// Holds the events that a test keeps for itself, newest first.
    static let ownEventsField = "kept"
    /// Of one person in one test: they are sent by hand.
    static let ownEventsMax = 100
    static let ownEventsBytesMax = 65_536

    static func ownEvents(_ bytes: [UInt8]) -> [KeptEvent] {
        ((try? JSONValue.parse(bytes))?.arrayValue ?? []).compactMap(KeptEvent.init)
    }

    var ownEventsBytes: [UInt8] {
        JSONValue.array(ownEvents.compactMap { try? JSONValue.parse($0.element) }).bytes
    }

    var overlayBytes: [UInt8] {
        JSONValue.array(overlay.map { ["path": JSONValue($0.path), "value": $0.value] }).bytes
    }
}
