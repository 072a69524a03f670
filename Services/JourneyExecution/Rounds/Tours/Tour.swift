import Engine
import Models

/// Goes over many people of a partition, a bounded piece a commit, with its place in the partition's state: who takes
/// the partition over goes on from there.
struct Tour: Hashable, Sendable {
    enum Errand: Hashable, Sendable {
        /// Held people go on with their action, longest held first.
        case resume(journey: String)
        /// People go over to another version.
        case move(VersionMove, MovePlace)
        /// Members of an audience enter.
        case admit(AudienceRun, AdmissionPlace)
    }

    /// How far a move is, in the order of entry, and what came of it.
    struct MovePlace: Hashable, Sendable {
        var entered: Int64 = -1
        var member = ""
        var moved: Int64 = 0
        var failed: Int64 = 0
    }

    /// How far a run is, by name.
    struct AdmissionPlace: Hashable, Sendable {
        /// The last one whom the run came to.
        var member: String?
        var admitted: Int64 = 0
        var refused: Int64 = 0
    }

    var errand: Errand
    /// The id of the command, which step events name as their cause.
    let cause: String
    /// People a second in this partition; nil: as fast as can be.
    let ratePerSecond: Double?
    /// When it began (ms); what it may do is counted from then. Later where it missed some of its time.
    private(set) var since: Int64
    /// People whom it came to.
    private(set) var done: Int64 = 0
    /// Not before this time (ms): it waits for something. Not kept.
    var notBefore: Int64 = 0

    init(_ errand: Errand, cause: String, ratePerSecond: Double?, since: Int64) {
        self.errand = errand
        self.cause = cause
        self.ratePerSecond = ratePerSecond
        self.since = since
    }

    /// The field of the state that counts the runs of a journey that reads only who is new.
    static func readField(_ journey: String) -> String { "read:\(journey)" }

    /// The field of the partition's state.
    var field: String {
        switch errand {
        case .resume(let journey): "tour:resume:\(journey)"
        case .move(let move, _): "tour:move:\(move.id)"
        case .admit(let run, _): "tour:run:\(run.id)"
        }
    }

    // MARK: At a rate

    /// Seconds of its rate that it makes up for at once: after an outage it goes on at its rate, not in one rush.
    private static let arrearsSecondsMax = 1.0

    /// How many people that are.
    private static func arrearsMax(_ ratePerSecond: Double) -> Double { max(1, ratePerSecond * arrearsSecondsMax) }

    /// What it is behind its rate at this time, in people.
    private func arrears(at now: Int64, phase: Double, _ ratePerSecond: Double) -> Double {
        Double(max(0, now - since)) / 1_000 * ratePerSecond + phase - Double(done)
    }

    /// How many it may come to at this time.
    ///
    /// - Parameter phase: 0 up to 1, different in each partition, so that not all of them begin at once.
    func allowance(at now: Int64, phase: Double, most: Int) -> Int {
        guard now >= notBefore else { return 0 }
        guard let ratePerSecond else { return most }
        let due = min(arrears(at: now, phase: phase, ratePerSecond), Self.arrearsMax(ratePerSecond))
        return Int(max(0, min(Double(most), due.rounded(.down))))
    }

    /// Gives up what it is behind beyond that; to be called at the time for which ``allowance(at:phase:most:)`` was
    /// asked, before people are counted.
    mutating func forgiveArrears(at now: Int64, phase: Double) {
        guard let ratePerSecond, ratePerSecond > 0 else { return }
        let forgiven = arrears(at: now, phase: phase, ratePerSecond) - Self.arrearsMax(ratePerSecond)
        if forgiven > 0 { since = min(now, since + Int64(min(1e15, forgiven / ratePerSecond * 1_000))) }
    }

    /// When it may come to the next one.
    func nextTurn(phase: Double) -> Int64 {
        guard let ratePerSecond, ratePerSecond > 0 else { return notBefore }
        let wait = (Double(done + 1) - phase) / ratePerSecond * 1_000
        // A rate may be so small that the time is beyond all numbers.
        let turn = wait < 1e15 ? since + Int64(wait.rounded(.up)) : Int64.max
        return max(notBefore, turn)
    }
}

// MARK: - On its way

extension Tour {
    /// Notes that it came to somebody, and what the engine made of that; nil where the person was passed over.
    mutating func note(_ stop: TourPiece.Stop, output: EngineOutput?) {
        done += 1
        switch errand {
        case .resume: break
        case .move(let move, var place):
            place.entered = stop.score
            place.member = stop.member
            if let output {
                let isMoved = output.effects.contains { if case .moved = $0 { true } else { false } }
                place.moved += isMoved ? 1 : 0
                place.failed += isMoved ? 0 : 1
            }
            errand = .move(move, place)
        case .admit(let run, var place):
            place.member = stop.member
            let isEntered = output?.effects.contains { if case .entered = $0 { true } else { false } } ?? false
            place.admitted += isEntered ? 1 : 0
            place.refused += isEntered || output == nil ? 0 : 1
            errand = .admit(run, place)
        }
    }
}

// MARK: - In the state

extension Tour {
    /// The text of the state's field.
    var text: String {
        var object: JSONObject = ["cause": .string(cause), "since": .integer(since), "done": .integer(done)]
        if let ratePerSecond { object["rate"] = .decimal(ratePerSecond) }
        switch errand {
        case .resume(let journey): object["journey"] = .string(journey)
        case .move(let move, let place):
            object["journey"] = .string(move.journey)
            object["from"] = .integer(move.from)
            object["to"] = .integer(move.to)
            if let nodes = move.nodes { object["nodes"] = JSONValue(nodes) }
            object["entered"] = .integer(place.entered)
            object["member"] = .string(place.member)
            object["moved"] = .integer(place.moved)
            object["failed"] = .integer(place.failed)
        case .admit(let run, let place):
            object["journey"] = .string(run.journey)
            object["version"] = .integer(run.version)
            if let name = run.eventName { object["eventName"] = .string(name) }
            if let event = run.event { object["event"] = .object(event) }
            if let member = place.member { object["member"] = .string(member) }
            object["admitted"] = .integer(place.admitted)
            object["refused"] = .integer(place.refused)
        }
        return JSONValue.object(object).text
    }

    /// Nil for fields that are no tour's.
    init?(field: String, text: String) {
        let parts = field.split(separator: ":", maxSplits: 2).map(String.init)
        guard parts.count == 3, parts[0] == "tour", let value = try? JSONValue.parse(text),
            let journey = value["journey"]?.stringValue, let since = value["since"]?.integerValue
        else { return nil }
        let integer = { (key: String) in value[key]?.integerValue ?? 0 }
        switch parts[1] {
        case "resume": errand = .resume(journey: journey)
        case "move":
            let nodes = value["nodes"]?.arrayValue?.compactMap(\.stringValue)
            errand = .move(
                VersionMove(id: parts[2], journey: journey, from: integer("from"), to: integer("to"), nodes: nodes),
                MovePlace(
                    entered: integer("entered"), member: value["member"]?.stringValue ?? "", moved: integer("moved"),
                    failed: integer("failed")))
        case "run":
            errand = .admit(
                AudienceRun(
                    id: parts[2], journey: journey, version: integer("version"),
                    eventName: value["eventName"]?.stringValue, event: value["event"]?.objectValue),
                AdmissionPlace(
                    member: value["member"]?.stringValue, admitted: integer("admitted"), refused: integer("refused")))
        default: return nil
        }
        cause = value["cause"]?.stringValue ?? ""
        ratePerSecond = value["rate"]?.decimalValue
        self.since = since
        done = integer("done")
    }
}

/// What became of tours that are over: the newest of a partition, so that a command that comes twice is known and a
/// caller can read the figures.
struct TourLog: Hashable, Sendable {
    /// Of one partition; older ones are forgotten.
    static let countMax = 64
    static let field = "tours"

    private(set) var entries: [JSONObject] = []

    init() {}

    init(text: String?) {
        guard let text, let value = try? JSONValue.parse(text) else { return }
        entries = (value.arrayValue ?? []).compactMap(\.objectValue)
    }

    var text: String { JSONValue.array(entries.map(JSONValue.object)).text }

    func contains(_ field: String) -> Bool { entries.contains { $0["field"] == .string(field) } }

    mutating func add(_ tour: Tour) {
        var entry: JSONObject = ["field": .string(tour.field)]
        switch tour.errand {
        case .resume: return
        case .move(_, let place):
            entry["moved"] = .integer(place.moved)
            entry["failed"] = .integer(place.failed)
        case .admit(_, let place):
            entry["admitted"] = .integer(place.admitted)
            entry["refused"] = .integer(place.refused)
        }
        entries.insert(entry, at: 0)
        if entries.count > Self.countMax { entries.removeLast(entries.count - Self.countMax) }
    }
}
