import Expressions
import Models

/// Every version of every journey that can receive anything, indexed by what it listens to.
///
/// Immutable; made anew when the configuration changes, in time linear in the versions.
package struct JourneySet: Sendable {
    package enum State: Sendable, Hashable {
        /// What becomes of whom a paused journey leads to an action.
        package enum OnAction: String, Sendable, CaseIterable {
            /// They wait there until they are released.
            case hold
            /// They leave as exited.
            case discard
        }

        case live
        /// Nobody enters; people inside go on until an action.
        case paused(onAction: OnAction)
        /// Nobody enters; people inside go on.
        case closed
        /// Nobody enters, and whoever is still inside leaves at the next stimulus.
        case stopped
        /// Nobody enters and nobody is inside; those who left may still reach the goal.
        case finished
    }

    package struct Member: Sendable {
        package let plan: Plan
        package let state: State
        /// The last version of a journey that had the name before and was deleted; 0 where there was none.
        package let origin: Int64

        package init(plan: Plan, state: State, origin: Int64 = 0) {
            self.plan = plan
            self.state = state
            self.origin = origin
        }

        /// What the last entry is remembered by: another journey of the same name has another one.
        func entryKey(_ instanceKey: String) -> String {
            let name = origin == 0 ? plan.journey : "\(plan.journey)@\(origin)"
            return instanceKey.isEmpty ? name : name + ":" + instanceKey
        }
    }

    private struct Version: Hashable {
        let journey: String
        let number: Int64
    }

    package static let empty = JourneySet([])

    /// By journey and version.
    let members: [Member]
    private let byVersion: [Version: Int]
    /// The newest version of each journey.
    private let newest: [String: Int]
    private let entries: [String: EntryIndex]
    private let audienceEntries: [String: [Int]]
    /// Whether a plan that listens to the event reads the profile.
    private let profileReaders: [String: Bool]
    private let readsProfile: Bool
    /// Whether a plan reads the person's kept events.
    package let readsKeptEvents: Bool
    /// Events and audiences that a plan listens to which reads them.
    private let keptReaders: (events: Set<String>, audiences: Set<String>)
    /// Whether any version is paused.
    let hasPaused: Bool
    /// The events that are a version's goal.
    let goalEvents: Set<String>
    /// The journeys whose runs come only to those who are new, by the audience that they read.
    let incrementalReaders: [String: [String]]
    let isMember: @Sendable (_ audience: String, _ profile: JSONObject, _ now: Int64) -> Bool
    /// Versions without a plan; there are none unless something was damaged.
    let broken: [Broken]

    /// - Parameters:
    ///   - members: each version that is live, or that people may still be inside, or may still reach a goal of. Of a
    ///     version given twice the last counts.
    ///   - broken: versions that people may be inside and that do not compile.
    ///   - entered: names of the journeys that events and audiences lead into; people come into others by jumps alone.
    ///     Nil: all.
    ///   - isMember: whether a person with this profile is in an audience at that time.
    package init(
        _ members: [Member], broken: [Broken] = [], entered: Set<String>? = nil,
        isMember: @escaping @Sendable (_ audience: String, _ profile: JSONObject, _ now: Int64) -> Bool = { _, _, _ in
            false
        }
    ) {
        self.isMember = isMember
        var byVersion: [Version: Member] = [:]
        for member in members {
            byVersion[Version(journey: member.plan.journey, number: member.plan.version)] = member
        }
        let sorted = byVersion.values.sorted {
            ($0.plan.journey, $0.plan.version) < ($1.plan.journey, $1.plan.version)
        }
        self.members = sorted
        var places: [Version: Int] = [:]
        var newest: [String: Int] = [:]
        var profileReaders: [String: Bool] = [:]
        for (place, member) in sorted.enumerated() {
            places[Version(journey: member.plan.journey, number: member.plan.version)] = place
            if member.state != .finished { newest[member.plan.journey] = place }
            // Who jumps may come into a journey that reads it.
            guard member.plan.readsProfile || !member.plan.jumpTargets.isEmpty else { continue }
            let events = member.state == .finished ? member.plan.goal.map { [$0.event] } ?? [] : member.plan.eventNames
            for event in events { profileReaders[event] = true }
        }
        self.broken = broken.map { version in
            var version = version
            let others = broken.filter { $0.journey == version.journey }.map(\.version)
            let known = newest[version.journey].map { sorted[$0].plan.version } ?? .min
            version.isNewest = version.version == others.max() && version.version > known
            return version
        }
        // An older version that compiles is none that people enter.
        for version in self.broken where version.isNewest { newest[version.journey] = nil }
        self.byVersion = places
        self.newest = newest
        self.profileReaders = profileReaders
        readsProfile = sorted.contains { $0.plan.readsProfile }
        readsKeptEvents = sorted.contains { $0.plan.readsKeptEvents }
        // Who jumps may come into a journey that reads them.
        let readers = readsKeptEvents ? sorted.map(\.plan).filter { $0.mayReadKeptEvents } : []
        keptReaders = (Set(readers.flatMap(\.eventNames)), Set(readers.flatMap(\.listenedAudienceNames)))
        hasPaused = sorted.contains { if case .paused = $0.state { true } else { false } }
        goalEvents = Set(sorted.compactMap { $0.plan.goal?.event })
        var grouped: [String: [(Int, Member)]] = [:]
        var audienceEntries: [String: [Int]] = [:]
        var increments: [String: [String]] = [:]
        for place in newest.values.sorted() where entered?.contains(sorted[place].plan.journey) ?? true {
            switch sorted[place].plan.entry {
            case .event(let event): grouped[event, default: []].append((place, sorted[place]))
            case .audience(let audience, _): audienceEntries[audience, default: []].append(place)
            case .readAudience(let step):
                if step.isIncremental { increments[step.audience, default: []].append(sorted[place].plan.journey) }
            }
        }
        incrementalReaders = increments
        self.audienceEntries = audienceEntries
        entries = grouped.mapValues { EntryIndex($0.sorted { $0.0 < $1.0 }) }
    }

    package func plan(journey: String, version: Int64) -> Plan? { member(journey: journey, version: version)?.plan }

    /// Whether a move may concern somebody in one of the journeys, or lead into one.
    package func listens(to move: AudienceMove) -> Bool {
        members.contains { $0.plan.listens(to: move.audience, move.change) }
    }

    /// Every event that may concern somebody in one of the journeys, or lead into one.
    package var eventNames: Set<String> { Set(members.flatMap(\.plan.eventNames)) }

    func member(journey: String, version: Int64) -> Member? {
        byVersion[Version(journey: journey, number: version)].map { members[$0] }
    }

    /// The newest version of a journey.
    func newestMember(of journey: String) -> Member? { newest[journey].map { members[$0] } }
    func newestPlan(of journey: String) -> Plan? { newestMember(of: journey)?.plan }

    /// The members that a move may lead into, in order.
    func entries(for move: AudienceMove) -> [Int] {
        (audienceEntries[move.audience] ?? []).filter { place in
            guard case .audience(_, let change) = members[place].plan.entry else { return false }
            return change == .any || change == move.change
        }
    }

    /// The newest version of each journey whose entry listens to one of the events, whatever its state and filter.
    func newestPlans(enteredBy events: [String]) -> [Plan] {
        newest.values.sorted().map { members[$0].plan }.filter { events.contains($0.entryEvent) }
    }

    /// The members that an event may lead into, in order, and those that were ruled out by their filters' constants.
    func entries(for event: PersonEvent, at: Int64) -> EntryCandidates {
        if event.events.count == 1 {
            return entries[event.events[0]]?.candidates(event, at, self) ?? EntryCandidates(members: [])
        }
        var all = EntryCandidates(members: [])
        for name in event.events {
            guard let found = entries[name]?.candidates(event, at, self) else { continue }
            all.members += found.members
            all.ruledOut += found.ruledOut
            all.groups += found.groups
        }
        all.members.sort()
        return all
    }

    /// Whether the person's profile may be read for this stimulus.
    /// - Parameter traveler: the person's state; nil where it was not read yet, and the answer is a safe one.
    package func needsProfile(for stimulus: EngineStimulus, traveler: Traveler?) -> Bool {
        guard readsProfile else { return false }
        switch stimulus {
        case .event(let event): return event.events.contains { profileReaders[$0] ?? false }
        case .end, .trapped, .trappedEvent: return false
        case .outcome(let outcome): return needsProfile(instance: outcome.instance, traveler)
        case .timer(let instance, _), .release(let instance, _): return needsProfile(instance: instance, traveler)
        case .reaction(let reaction): return needsProfile(instance: reaction.instance, traveler)
        case .audience, .admit, .move: return true
        }
    }

    /// Whether the person's kept events may be read for this stimulus; nil where that shows in the person's instances
    /// only.
    /// - Parameter traveler: the person's state; nil where it was not read yet.
    package func needsKeptEvents(for stimulus: EngineStimulus, traveler: Traveler?) -> Bool? {
        guard readsKeptEvents else { return false }
        switch stimulus {
        case .event(let event): return event.events.contains(where: keptReaders.events.contains)
        case .audience(let move): return keptReaders.audiences.contains(move.audience)
        case .end, .trapped, .trappedEvent: return false
        case .admit(let admission):
            return plan(journey: admission.journey, version: admission.version)?.mayReadKeptEvents ?? false
        case .outcome(let outcome): return traveler.map { needsKeptEvents(instance: outcome.instance, $0) }
        case .timer(let instance, _), .release(let instance, _), .move(let instance, _, _):
            return traveler.map { needsKeptEvents(instance: instance, $0) }
        case .reaction(let reaction): return traveler.map { needsKeptEvents(instance: reaction.instance, $0) }
        }
    }

    /// Of any version of its journey, as it may go over to another.
    private func needsKeptEvents(instance: String, _ traveler: Traveler) -> Bool {
        guard let place = traveler.place(of: instance), let header = traveler.slots[place].header else { return false }
        return members.contains { $0.plan.journey == header.journey && $0.plan.mayReadKeptEvents }
    }

    private func needsProfile(instance: String, _ traveler: Traveler?) -> Bool {
        guard let traveler else { return true }
        guard let place = traveler.place(of: instance), let header = traveler.slots[place].header else { return false }
        guard let plan = plan(journey: header.journey, version: header.version) else { return false }
        if case .live(let instance) = traveler.slots[place].state, instance.plan === plan {
            return plan.needsProfile(for: instance)
        }
        return plan.readsProfile || !plan.jumpTargets.isEmpty
    }
}

/// The journeys that an event may lead into, by the constants that their filters compare its fields with.
struct EntryIndex: Sendable {
    private struct Group: Sendable {
        let path: [String]
        var members: [IndexKey: [Int]]
    }

    /// Those that must be looked at whatever the payload: without such a constant, or not live, since then that is the
    /// reason of the refusal and not the filter.
    private var always: [Int] = []
    private var groups: [Group] = []
    /// Of the others those that start or end at a time, for the same reason.
    private var windowed: [Int] = []
    private var indexed: [EntryGroup.Member] = []
    private let group: EntryGroup?

    init(_ members: [(place: Int, member: JourneySet.Member)]) {
        for (place, member) in members {
            let plan = member.plan
            let equality = plan.entryFilter?.requiredEqualities.first { $0.event == plan.entryEvent }
            guard member.state == .live, let equality else {
                always.append(place)
                continue
            }
            indexed.append(.init(journey: plan.journey, version: plan.version))
            if plan.startAt != nil || plan.endAt != nil { windowed.append(place) }
            if let group = groups.firstIndex(where: { $0.path == equality.path }) {
                groups[group].members[equality.indexKey, default: []].append(place)
            } else {
                groups.append(Group(path: equality.path, members: [equality.indexKey: [place]]))
            }
        }
        group = indexed.isEmpty ? nil : EntryGroup(indexed)
    }

    func candidates(_ event: PersonEvent, _ at: Int64, _ journeys: JourneySet) -> EntryCandidates {
        guard let group else { return EntryCandidates(members: always) }
        var places = always
        for group in groups {
            guard let value = event.payload.value(at: group.path), let key = IndexKey(value) else { continue }
            places += group.members[key] ?? []
        }
        if !windowed.isEmpty {
            let found = Set(places)
            places += windowed.filter { place in
                !found.contains(place) && journeys.members[place].plan.refusal(at: at) != nil
            }
        }
        let ruledOut = indexed.count + always.count - places.count
        if ruledOut == 0 { return EntryCandidates(members: places.sorted()) }
        return EntryCandidates(
            members: places.sorted(), ruledOut: ruledOut, groups: [(group, Array(places[always.count...]))])
    }
}

extension Plan {
    /// Why nobody enters then; nil where people do.
    func refusal(at: Int64) -> EngineCount? {
        if let startAt, at < startAt { return .notStarted }
        if let endAt, at >= endAt { return .ended }
        return nil
    }
}
