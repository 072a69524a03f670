import Models

/// Everything that the engine remembers of one person: running instances and last entries.
///
/// Fields of the person's hash are taken as they are and read when they are first needed. Changes are gathered until
/// ``takeChanges()``; a traveler whose changes could not be committed must be thrown away.
package struct Traveler: Sendable {
    /// An instance, read or not.
    struct Slot: Sendable {
        enum State: Sendable {
            case raw([UInt8])
            case live(Instance)
            /// Neither its own plan nor a reader makes sense of it: left as it is.
            case unreadable
        }

        let id: String
        var header: InstanceHeader?
        var state: State
        /// Whether the instance has left. Kept apart, so that nobody need look into the state for it.
        var isOver: Bool
        var isChanged = false

        var entered: Int64 { header?.entered ?? 0 }
    }

    package let person: Person
    var slots: [Slot] = []
    /// The last entry by `<journey>` or `<journey>:<instance key>`, in milliseconds.
    private(set) var lastEntries: [(key: String, at: Int64)] = []
    private var changedEntries: Set<ExactText> = []
    /// Goals that instances which left may still reach, by instance.
    private(set) var goals: [(instance: String, goal: OpenGoal)] = []
    private var changedGoals: Set<String> = []
    /// The last run that admitted the person, by journey.
    private(set) var admissions: [(journey: String, last: LastAdmission)] = []
    private var changedAdmissions: Set<String> = []
    /// What came for instances without a plan, in order: to be taken when they have one again.
    private(set) var asides: [(instance: String, items: [JSONValue])] = []
    private var changedAsides: Set<String> = []
    /// What a test or dry run changed of the profile, for itself alone.
    private(set) var overlay: [(path: [String], value: JSONValue)] = []
    private var isOverlayChanged = false
    /// Events that a test keeps for itself, newest first.
    private(set) var ownEvents: [KeptEvent] = []
    private var areOwnEventsChanged = false
    private var removed: [String] = []
    /// From when on nobody needs what is left, where no instance is inside: the engine knows the rules.
    var neededUntil: Int64?
    private(set) var hasChanges = false
    /// Whether the person's hash may have an expiry by now.
    private var mayExpire: Bool

    /// Of whom nothing is remembered yet.
    package init(person: Person) {
        self.person = person
        mayExpire = false
    }

    /// - Parameter fields: those of the person's hash. Fields of other kinds are left alone.
    package init(person: Person, fields: [(String, [UInt8])]) {
        self.person = person
        mayExpire = true
        for (field, value) in fields {
            if field.hasPrefix("i:") {
                let id = String(field.dropFirst(2))
                let header = InstanceHeader(value)
                slots.append(Slot(id: id, header: header, state: .raw(value), isOver: header?.isEnded ?? false))
            } else if field.hasPrefix("e:"), let at = Int64(String(decoding: value, as: UTF8.self)) {
                lastEntries.append((String(field.dropFirst(2)), at))
            } else if field.hasPrefix("g:"), let goal = OpenGoal(value) {
                goals.append((String(field.dropFirst(2)), goal))
            } else if field.hasPrefix("r:"), let last = LastAdmission(value) {
                admissions.append((String(field.dropFirst(2)), last))
            } else if field.hasPrefix("a:"), let items = (try? JSONValue.parse(value))?.arrayValue {
                asides.append((String(field.dropFirst(2)), items))
            } else if field == Self.overlayField {
                overlay = Self.overlay(value)
            } else if field == Self.ownEventsField {
                ownEvents = Self.ownEvents(value)
            }
        }
        // A hash has no order of its own; oldest entry first is the order of a stimulus.
        slots.sort { ($0.entered, $0.id) < ($1.entered, $1.id) }
        goals.sort { ($0.goal.until, $0.instance) < ($1.goal.until, $1.instance) }
    }

    /// Whether nothing is remembered.
    package var isEmpty: Bool {
        slots.isEmpty && lastEntries.isEmpty && goals.isEmpty && admissions.isEmpty && !hasOwn
    }

    /// Whether a test changed something for itself.
    var hasOwn: Bool { !overlay.isEmpty || !ownEvents.isEmpty }

    package var instanceIDs: [String] { slots.map(\.id) }

    /// What can be said of one instance; nil where there is none, or it is unreadable.
    package func summary(of instance: String) -> InstanceSummary? {
        guard let slot = slots.first(where: { $0.id == instance }) else { return nil }
        switch slot.state {
        case .raw(let bytes): return try? InstanceSummary(id: instance, bytes: bytes)
        case .live(let live): return try? InstanceSummary(id: instance, bytes: live.bytes)
        case .unreadable: return nil
        }
    }

    /// How many instances wait for the outcome of a request. Reads those that were not read yet.
    package var openRequests: Int64 {
        slots.reduce(0) { count, slot in
            switch slot.state {
            case .live(let instance):
                return instance.phase == .lookingUp || instance.phase == .acting ? count + 1 : count
            case .raw(let bytes):
                guard !slot.isOver, let summary = try? InstanceSummary(id: slot.id, bytes: bytes) else { return count }
                return ["lookingUp", "acting"].contains(summary.phase) ? count + 1 : count
            case .unreadable: return count
            }
        }
    }

    /// The profile as a test or dry run sees it, with what it changed for itself.
    package func seen(_ profile: JSONObject) -> JSONObject {
        overlay.reduce(profile) { seen, change in
            JSONValue.object(seen).setting(change.value, at: change.path[...])?.objectValue ?? seen
        }
    }

    /// Each instance with its version.
    package var instances: [(id: String, journey: String, version: Int64)] {
        slots.compactMap { slot in slot.header.map { (slot.id, $0.journey, $0.version) } }
    }

    // MARK: The engine's side

    func place(of instance: String) -> Int? { slots.firstIndex { $0.id == instance } }

    mutating func add(_ instance: Instance) {
        let place = slots.lastIndex { ($0.entered, $0.id) < (instance.entered, instance.id) }.map { $0 + 1 } ?? 0
        slots.insert(
            Slot(
                id: instance.id, header: InstanceHeader(instance), state: .live(instance), isOver: !instance.isInside,
                isChanged: true), at: place)
        hasChanges = true
    }

    /// Takes an instance's state out, leaving it unreadable until it is put back.
    mutating func takeState(at place: Int) -> Slot.State {
        var state = Slot.State.unreadable
        swap(&state, &slots[place].state)
        return state
    }

    /// How many instances are inside.
    var insideCount: Int { slots.count { !$0.isOver } }

    /// Puts the instance back after it moved.
    mutating func put(_ instance: consuming Instance, at place: Int) {
        slots[place].isOver = !instance.isInside
        if slots[place].header?.version != instance.plan.version {
            slots[place].header?.version = instance.plan.version
        }
        slots[place].state = .live(instance)
        slots[place].isChanged = true
        hasChanges = true
    }

    mutating func remove(at place: Int) {
        removed.append("i:" + slots[place].id)
        _ = takeAside(of: slots[place].id)
        slots.remove(at: place)
        hasChanges = true
    }

    func lastEntry(_ key: String) -> Int64? { lastEntries.first { $0.key.hasBytes(of: key) }?.at }

    mutating func setLastEntry(_ key: String, _ at: Int64) {
        if let place = lastEntries.firstIndex(where: { $0.key.hasBytes(of: key) }) {
            lastEntries[place].at = at
        } else {
            lastEntries.append((key, at))
        }
        changedEntries.insert(ExactText(key))
        hasChanges = true
    }

    /// Forgets the last entries that no rule needs any more.
    mutating func forgetEntries(where isOver: (String, Int64) -> Bool) {
        guard lastEntries.contains(where: { isOver($0.key, $0.at) }) else { return }
        for (key, at) in lastEntries where isOver(key, at) {
            changedEntries.remove(ExactText(key))
            removed.append("e:" + key)
        }
        lastEntries.removeAll { isOver($0.key, $0.at) }
        hasChanges = true
    }

    // MARK: Goals, admissions, what a run changed

    mutating func setGoal(_ goal: OpenGoal, of instance: String, countMax: Int) {
        goals.removeAll { $0.instance == instance }
        let place = goals.firstIndex { ($0.goal.until, $0.instance) > (goal.until, instance) } ?? goals.count
        goals.insert((instance, goal), at: place)
        changedGoals.insert(instance)
        hasChanges = true
        if goals.count > countMax { removeGoal(at: 0) }
    }

    mutating func removeGoal(at place: Int) {
        let instance = goals.remove(at: place).instance
        changedGoals.remove(instance)
        removed.append("g:" + instance)
        hasChanges = true
    }

    /// Keeps what came for an instance that cannot take it now. Past the bounds the oldest event makes room: without an
    /// outcome that was waited for the instance could not go on.
    /// - Returns: whether something had to make room.
    mutating func setAside(_ item: JSONValue, for instance: String, countMax: Int, bytesMax: Int) -> Bool {
        let place =
            asides.firstIndex { $0.instance == instance }
            ?? {
                asides.append((instance, []))
                return asides.count - 1
            }()
        asides[place].items.append(item)
        var isFull = false
        while asides[place].items.count > countMax || asides[place].items.reduce(0, { $0 + $1.weight }) > bytesMax {
            guard let oldest = asides[place].items.firstIndex(where: { $0["kind"] != "outcome" }) else { break }
            asides[place].items.remove(at: oldest)
            isFull = true
        }
        changedAsides.insert(instance)
        hasChanges = true
        return isFull
    }

    func hasAside(of instance: String) -> Bool { asides.contains { $0.instance == instance } }

    mutating func takeAside(of instance: String) -> [JSONValue] {
        guard let place = asides.firstIndex(where: { $0.instance == instance }) else { return [] }
        changedAsides.remove(instance)
        removed.append("a:" + instance)
        hasChanges = true
        return asides.remove(at: place).items
    }

    func lastAdmission(to journey: String) -> LastAdmission? { admissions.first { $0.journey == journey }?.last }

    mutating func setAdmission(to journey: String, _ last: LastAdmission) {
        admissions.removeAll { $0.journey == journey }
        admissions.append((journey, last))
        changedAdmissions.insert(journey)
        hasChanges = true
    }

    mutating func forgetAdmission(to journey: String) {
        guard let place = admissions.firstIndex(where: { $0.journey == journey }) else { return }
        admissions.remove(at: place)
        changedAdmissions.remove(journey)
        removed.append("r:" + journey)
        hasChanges = true
    }

    mutating func setOverlay(_ path: [String], _ value: JSONValue) {
        overlay.removeAll { $0.path == path }
        overlay.append((path, value))
        isOverlayChanged = true
        hasChanges = true
    }

    // MARK: The owner's side

    /// Keeps an event of a test for the test alone. The oldest make room.
    package mutating func keepOwn(_ event: KeptEvent) {
        ownEvents.insert(event, at: 0)
        var bytes = 0
        let count = ownEvents.prefix { known in
            bytes += known.payload.weight
            return bytes <= Self.ownEventsBytesMax
        }.count
        ownEvents.removeLast(ownEvents.count - max(1, min(count, Self.ownEventsMax)))
        areOwnEventsChanged = true
        hasChanges = true
    }

    /// What must be written to the person's hash since the last call; nil where nothing changed.
    package mutating func takeChanges() -> TravelerChanges? {
        guard hasChanges else { return nil }
        hasChanges = false
        var changes = TravelerChanges()
        for place in slots.indices where slots[place].isChanged {
            slots[place].isChanged = false
            if case .live(let instance) = slots[place].state {
                changes.set.append(("i:" + instance.id, instance.bytes))
            }
        }
        for (key, at) in lastEntries where changedEntries.contains(ExactText(key)) {
            changes.set.append(("e:" + key, Array(String(at).utf8)))
        }
        changedEntries = []
        for (instance, goal) in goals where changedGoals.contains(instance) {
            changes.set.append(("g:" + instance, goal.bytes))
        }
        changedGoals = []
        for (journey, last) in admissions where changedAdmissions.contains(journey) {
            changes.set.append(("r:" + journey, last.bytes))
        }
        changedAdmissions = []
        for (instance, items) in asides where changedAsides.contains(instance) {
            changes.set.append(("a:" + instance, JSONValue.array(items).bytes))
        }
        changedAsides = []
        if isOverlayChanged { changes.set.append((Self.overlayField, overlayBytes)) }
        isOverlayChanged = false
        if areOwnEventsChanged { changes.set.append((Self.ownEventsField, ownEventsBytes)) }
        areOwnEventsChanged = false
        if !removed.isEmpty {
            // What was forgotten and then remembered again stays.
            let written = Set(changes.set.map { ExactText($0.field) })
            changes.removed = removed.filter { !written.contains(ExactText($0)) }
            removed = []
        }
        changes.isEmpty = isEmpty
        changes.expiresAt = slots.allSatisfy(\.isOver) ? neededUntil : nil
        changes.mayHaveExpiry = mayExpire
        mayExpire = changes.expiresAt != nil && !isEmpty
        return changes
    }
}

/// Changes of a person's hash.
package struct TravelerChanges: Sendable {
    package var set: [(field: String, value: [UInt8])] = []
    package var removed: [String] = []
    /// Nothing is left: the hash goes away as a whole.
    package var isEmpty = false
    /// From when on nobody needs the hash; nil: it must stay.
    package var expiresAt: Int64?
    /// The hash may have an expiry from before, which ends where ``expiresAt`` is nil.
    package var mayHaveExpiry = false
}
