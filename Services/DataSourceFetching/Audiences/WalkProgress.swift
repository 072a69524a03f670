import Models

/// How far the walk of an audience is in one partition, as the partition's state notes it:
/// `{"rule":1767225600000,"run":0,"announce":false,"earlier":[],"done":400,"total":1000,"after":"crmId:42"}`.
struct WalkProgress: Sendable, Hashable {
    /// The rule's revision.
    var rule: Int64
    /// Which evaluation of that rule: the time when it was asked for or was due (ms).
    var run: Int64
    /// Whether changes are told.
    var announce: Bool
    /// Revisions of the rule whose sets of members may still be there.
    var earlier: [Int64] = []
    /// People looked at, and those who were there at the beginning.
    var done: Int64 = 0
    var total: Int64
    /// The last one looked at; nil: none yet.
    var after: String?
    var isFinished = false

    init(rule: Int64, run: Int64, announce: Bool, earlier: [Int64], total: Int64) {
        self.rule = rule
        self.run = run
        self.announce = announce
        self.earlier = earlier
        self.total = total
    }

    /// Nil for text that is none: the walk begins anew then.
    init?(_ text: String?) {
        guard let text, let value = try? JSONValue.parse(text), let rule = value["rule"]?.integerValue,
            let run = value["run"]?.integerValue, let total = value["total"]?.integerValue
        else { return nil }
        self.rule = rule
        self.run = run
        self.total = total
        announce = value["announce"]?.boolValue ?? false
        earlier = (value["earlier"]?.arrayValue ?? []).compactMap(\.integerValue)
        done = value["done"]?.integerValue ?? 0
        after = value["after"]?.stringValue
        isFinished = value["finished"]?.boolValue ?? false
    }

    var text: String {
        var object: JSONObject = [
            "rule": .integer(rule), "run": .integer(run), "announce": .bool(announce),
            "earlier": .array(earlier.map(JSONValue.integer)), "done": .integer(done), "total": .integer(total),
        ]
        if let after { object["after"] = .string(after) }
        if isFinished { object["finished"] = true }
        return JSONValue.object(object).text
    }
}

/// Which evaluation of an audience is asked for.
struct WalkAsk: Sendable, Hashable {
    let audience: String
    /// The rule's revision.
    let rule: Int64
    let run: Int64
    /// Whether a changed rule tells those who enter or leave by it.
    let announceRule: Bool
    /// Whether this run tells, where the rule is the one of the run before.
    let announceRun: Bool

    /// What a partition has to do.
    enum Step: Sendable, Hashable {
        case nothing
        case begin
        case goOn
        /// The partition is further than is known here: the rules must be read again.
        case outdated
    }

    func step(_ progress: WalkProgress?) -> Step {
        guard let progress else { return .begin }
        if progress.rule > rule { return .outdated }
        if progress.rule < rule { return .begin }
        // One that is under way is brought to its end first: it may tell, or not, where the next one does not.
        if !progress.isFinished { return .goOn }
        return progress.run < run ? .begin : .nothing
    }

    /// The beginning of the walk in a partition of so many people.
    func begin(after progress: WalkProgress?, total: Int64) -> WalkProgress {
        var earlier = progress?.earlier ?? []
        let isSameRule = progress?.rule == rule
        if let progress, !isSameRule, !earlier.contains(progress.rule) { earlier.append(progress.rule) }
        return WalkProgress(
            rule: rule, run: run, announce: isSameRule ? announceRun : announceRule, earlier: earlier, total: total)
    }
}
