import Engine
import Models

/// A test of a draft, or a dry run: its journey runs apart from all others, a test's on test profiles alone.
///
/// `{"id":"test-welcome-1767225600000","kind":"test","journey":"welcome","document":{…},"at":ms,"waitMs"?,
/// "forced":{node: path label},"sends":false,"clock"?:{"start":ms,"to":ms},"ending"?:true}`
struct Trial: Sendable {
    /// The version that a trial's plan has.
    static let version: Int64 = 0

    /// Where a virtual clock began, and where it shall be: each partition goes there on its own.
    struct Clock: Sendable {
        let start: Int64
        var to: Int64
    }

    let mark: RunMark
    let journey: String
    let document: JSONObject
    /// What it was compiled from when it began (``PlanBasis``).
    let basis: JSONValue?
    /// When it began (ms).
    let at: Int64
    /// What waits are shortened to.
    let waitMilliseconds: Int64?
    let forced: [String: String]
    /// Whether its actions are sent.
    let sends: Bool
    /// Nil: the clock is everybody's.
    var clock: Clock?
    /// It is over, and its people are being forgotten.
    var isEnding = false

    init(
        _ mark: RunMark, journey: String, document: JSONObject, basis: PlanBasis? = nil, at: Int64,
        waitMilliseconds: Int64? = nil,
        forced: [String: String] = [:], sends: Bool = false, clock: Clock? = nil
    ) {
        self.mark = mark
        self.journey = journey
        self.document = document
        self.basis = basis?.json
        self.at = at
        self.waitMilliseconds = waitMilliseconds
        self.forced = forced
        self.sends = sends
        self.clock = clock
    }

    init?(_ value: JSONValue) {
        guard let id = value["id"]?.stringValue, let kind = value["kind"]?.stringValue.flatMap(RunMark.Kind.init),
            let journey = value["journey"]?.stringValue, let document = value["document"]?.objectValue,
            let at = value["at"]?.integerValue
        else { return nil }
        mark = RunMark(id: id, kind: kind)
        self.journey = journey
        self.document = document
        basis = value["basis"]
        self.at = at
        waitMilliseconds = value["waitMs"]?.integerValue
        var forced: [String: String] = [:]
        for (node, label) in value["forced"]?.objectValue ?? [:] { forced[node] = label.stringValue }
        self.forced = forced
        sends = value["sends"]?.boolValue ?? false
        if let start = value["clock"]?["start"]?.integerValue {
            clock = Clock(start: start, to: value["clock"]?["to"]?.integerValue ?? start)
        }
        isEnding = value["ending"]?.boolValue ?? false
    }

    var json: JSONValue {
        var object: JSONObject = [
            "id": .string(mark.id), "kind": .string(mark.kind.rawValue), "journey": .string(journey),
            "document": .object(document), "at": .integer(at),
            "forced": .object(JSONObject(forced.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })),
            "sends": .bool(sends),
        ]
        if let waitMilliseconds { object["waitMs"] = .integer(waitMilliseconds) }
        if let clock { object["clock"] = ["start": .integer(clock.start), "to": .integer(clock.to)] }
        if isEnding { object["ending"] = true }
        if let basis { object["basis"] = basis }
        return .object(object)
    }

    /// Its plan, by what it began with; nil where it has none any more.
    func compiled(_ catalogue: Catalogue) -> Plan? {
        let read = JourneyDocument(document)
        guard let basis else { return Plan.compile(read, version: Self.version, catalogue: catalogue).plan }
        return PlanBasis(json: basis).flatMap {
            Plan.compile(read, version: Self.version, basis: $0, now: catalogue).plan
        }
    }

    /// What the engine does differently.
    var run: EngineRun {
        var run = EngineRun(mark: mark)
        run.waitMilliseconds = waitMilliseconds
        run.forcedPaths = forced
        run.sends = sends
        run.hasOwnClock = clock != nil
        return run
    }

    /// What partitions list its people by, beside those of the journey.
    var listed: String { TravelerKey(personKey: journey, trial: mark.id).text }
}
