import Engine
import Models

/// A journey as `{sj:config}:journeys` holds it: its draft, if there is one, and every version ever published.
///
/// `{"name":"welcome","revision":7,"origin":4,"draft":{…}|null,"uses":{…},"versions":[{"version":1,"state":"closed",
/// "document":{…},"uses":{…},"publishedAt":ms,"basis":{…}}],"updatedAt":ms}`
struct JourneyRecord: Sendable {
    enum State: String, Sendable {
        case draft, live, closed, finished, stopped
        /// Of the journey as a whole; its versions stay live or closed beneath.
        case paused
    }

    struct Version: Sendable {
        let number: Int64
        var state: State
        /// Fixed but for labels, positions and the description.
        fileprivate(set) var document: JSONObject
        let uses: JSONValue
        let publishedAt: Int64
        /// What it was compiled from (``PlanBasis``); nil of one that was published before there were any.
        fileprivate(set) var basis: JSONValue?
        /// When it left the state `live`.
        var endedAt: Int64?
        /// When its labels were last changed.
        fileprivate(set) var editedAt: Int64?

        init(number: Int64, document: JSONObject, uses: JSONValue, publishedAt: Int64, basis: JSONValue? = nil) {
            self.number = number
            state = .live
            self.document = document
            self.uses = uses
            self.publishedAt = publishedAt
            self.basis = basis
        }

        init?(_ value: JSONValue) {
            guard let number = value["version"]?.integerValue,
                let state = value["state"]?.stringValue.flatMap(State.init),
                let document = value["document"]?.objectValue
            else { return nil }
            self.number = number
            self.state = state
            self.document = document
            uses = value["uses"] ?? .null
            publishedAt = value["publishedAt"]?.integerValue ?? 0
            endedAt = value["endedAt"]?.integerValue
            editedAt = value["editedAt"]?.integerValue
            basis = value["basis"]
        }

        var json: JSONValue {
            var object: JSONObject = [
                "version": .integer(number), "state": .string(state.rawValue), "publishedAt": .integer(publishedAt),
            ]
            if let endedAt { object["endedAt"] = .integer(endedAt) }
            if let editedAt { object["editedAt"] = .integer(editedAt) }
            object["document"] = .object(document)
            object["uses"] = uses
            if let basis { object["basis"] = basis }
            return .object(object)
        }
    }

    /// Nobody enters, and whoever comes to an action waits or leaves.
    struct Pause: Sendable {
        let onAction: JourneySet.State.OnAction
        let at: Int64
    }

    /// The last resume, until nobody is held any more.
    struct Resume: Sendable {
        let at: Int64
        let ratePerSecond: Double?
    }

    let name: String
    let revision: Int64
    /// The revision at which a journey of this name was deleted; 0 where there was none before. Versions are counted
    /// from there on, so that none of another journey has the number of one of this.
    var origin: Int64 = 0
    var draft: JSONObject?
    var draftUses: JSONValue
    /// Oldest first.
    var versions: [Version]
    var pause: Pause?
    var resume: Resume?
    var updatedAt: Int64

    /// A new journey, with its first draft.
    init(name: String, draft: JSONObject, uses: JSONValue, at now: Int64) {
        self.name = name
        revision = 0
        self.draft = draft
        draftUses = uses
        versions = []
        updatedAt = now
    }

    init(_ document: JSONObject) {
        name = document["name"]?.stringValue ?? ""
        revision = document["revision"]?.integerValue ?? 0
        origin = document["origin"]?.integerValue ?? 0
        draft = document["draft"]?.objectValue
        draftUses = document["uses"] ?? .null
        versions = (document["versions"]?.arrayValue ?? []).compactMap(Version.init)
        updatedAt = document["updatedAt"]?.integerValue ?? 0
        if let value = document["pause"], let at = value["at"]?.integerValue,
            let onAction = value["onAction"]?.stringValue.flatMap(JourneySet.State.OnAction.init)
        {
            pause = Pause(onAction: onAction, at: at)
        }
        if let value = document["resume"], let at = value["at"]?.integerValue {
            resume = Resume(at: at, ratePerSecond: value["ratePerSecond"]?.decimalValue)
        }
    }

    var document: JSONObject {
        var object: JSONObject = [
            "name": .string(name), "revision": .integer(revision), "draft": draft.map(JSONValue.object) ?? .null,
            "uses": draftUses, "versions": .array(versions.map(\.json)), "updatedAt": .integer(updatedAt),
        ]
        if origin != 0 { object["origin"] = .integer(origin) }
        if let pause { object["pause"] = ["onAction": .string(pause.onAction.rawValue), "at": .integer(pause.at)] }
        if let resume {
            var value: JSONObject = ["at": .integer(resume.at)]
            if let rate = resume.ratePerSecond { value["ratePerSecond"] = .decimal(rate) }
            object["resume"] = .object(value)
        }
        return object
    }

    var live: Version? { versions.last { $0.state == .live } }

    /// What a list shows: paused, or live if any version is, else the newest version's state, else draft.
    var state: State { pause != nil ? .paused : live != nil ? .live : versions.last?.state ?? .draft }

    func version(_ number: Int64) -> Version? { versions.first { $0.number == number } }

    /// Publishes the draft: the version before it takes no more entrances, the people inside go on.
    /// - Parameter basis: what it is compiled from.
    mutating func publish(at now: Int64, basis: PlanBasis? = nil) -> Int64? {
        guard let draft else { return nil }
        for place in versions.indices where versions[place].state == .live { end(place, as: .closed, at: now) }
        let number = (versions.last?.number ?? origin) + 1
        versions.append(
            Version(number: number, document: draft, uses: draftUses, publishedAt: now, basis: basis?.json))
        self.draft = nil
        draftUses = .null
        updatedAt = now
        return number
    }

    /// Moves every version in one of these states to another; the numbers of those that moved.
    mutating func move(_ from: Set<State>, to state: State, at now: Int64) -> [Int64] {
        let places = versions.indices.filter { from.contains(versions[$0].state) }
        for place in places { end(place, as: state, at: now) }
        if !places.isEmpty { updatedAt = now }
        return places.map { versions[$0].number }
    }

    mutating func finish(_ number: Int64, at now: Int64) {
        guard let place = versions.firstIndex(where: { $0.number == number && $0.state == .closed }) else { return }
        end(place, as: .finished, at: now)
        updatedAt = now
    }

    /// Replaces a version's document by one that does the same.
    mutating func relabel(_ number: Int64, _ document: JSONObject, at now: Int64) {
        guard let place = versions.firstIndex(where: { $0.number == number }) else { return }
        versions[place].document = document
        versions[place].editedAt = now
        updatedAt = now
    }

    /// Keeps what a version is compiled from where nothing is kept yet.
    mutating func keep(_ basis: PlanBasis, of number: Int64) {
        guard let place = versions.firstIndex(where: { $0.number == number }), versions[place].basis == nil else {
            return
        }
        versions[place].basis = basis.json
    }

    /// Makes room where the record is larger than it may be: versions that ended long ago are needed by replays alone,
    /// which then go by the definitions that there are.
    mutating func forgetOldBases(bytesMax: Int) {
        for place in versions.indices where versions[place].basis != nil {
            if JSONValue.object(document).bytes.count <= bytesMax { return }
            if versions[place].state != .live, versions[place].state != .closed { versions[place].basis = nil }
        }
    }

    /// Whether people can be inside some version.
    var canHavePeople: Bool { versions.contains { $0.state == .live || $0.state == .closed } }

    private mutating func end(_ place: Int, as state: State, at now: Int64) {
        versions[place].state = state
        versions[place].endedAt = now
        // Where nobody can be inside nothing is paused.
        if !canHavePeople {
            pause = nil
            resume = nil
        }
    }
}
