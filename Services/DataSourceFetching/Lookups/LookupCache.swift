import Models

/// What answers are filed under: the same source at the same revision, asked for the same.
struct LookupKey: Sendable, Hashable {
    let source: String
    let revision: Int64
    let group: String
    /// The declared parameters as JSON text, in the order of the definition, nulls left out.
    let parameters: String

    init(_ source: DataSourceDefinition, _ group: DataSourceDefinition.Group, _ parameters: JSONObject) {
        self.source = source.name
        revision = source.revision
        self.group = group.name
        let given = group.parameters.compactMap { name -> (String, JSONValue)? in
            guard let value = parameters[name], !value.isNull else { return nil }
            return (name, value)
        }
        self.parameters = JSONValue.object(JSONObject(given)).text
    }

    var byteCount: Int { source.utf8.count + group.utf8.count + parameters.utf8.count }
}

/// Answers that may be used again, bounded by bytes; what was not used the longest goes first.
///
/// Recency is kept by a doubly linked list over the entries' slots, so that every call takes constant time.
struct LookupCache: Sendable {
    /// A parsed answer takes several times the bytes of its text.
    static let costFactor = 6
    /// What an entry costs beside its answer: key, slot, dictionary.
    static let entryCost = 256

    private struct Entry {
        var key: LookupKey
        var data: SourceData
        var until: Int64
        var cost: Int
        var newer: Int
        var older: Int
    }

    let bytesMax: Int
    private(set) var bytes = 0
    private var places: [LookupKey: Int] = [:]
    private var entries: [Entry] = []
    private var free: [Int] = []
    private var newest = -1
    private var oldest = -1

    init(bytesMax: Int) {
        self.bytesMax = bytesMax
    }

    var count: Int { places.count }

    /// The answer, if it is still young enough; `now` in milliseconds of any steady clock.
    mutating func answer(_ key: LookupKey, now: Int64) -> SourceData? {
        guard let place = places[key] else { return nil }
        if entries[place].until <= now {
            remove(place)
            return nil
        }
        unlink(place)
        link(place)
        return entries[place].data
    }

    /// Keeps an answer until a time; one that is larger than an eighth of the whole is not kept.
    mutating func keep(_ data: SourceData, for key: LookupKey, bodyBytes: Int, until: Int64) {
        if let place = places[key] { remove(place) }
        let cost = bodyBytes * Self.costFactor + key.byteCount + Self.entryCost
        guard cost <= bytesMax / 8 else { return }
        while bytes + cost > bytesMax, oldest >= 0 { remove(oldest) }
        let entry = Entry(key: key, data: data, until: until, cost: cost, newer: -1, older: -1)
        let place: Int
        if let slot = free.popLast() {
            entries[slot] = entry
            place = slot
        } else {
            place = entries.count
            entries.append(entry)
        }
        places[key] = place
        bytes += cost
        link(place)
    }

    private mutating func remove(_ place: Int) {
        unlink(place)
        places[entries[place].key] = nil
        bytes -= entries[place].cost
        entries[place].data = SourceData(value: .null)
        free.append(place)
    }

    private mutating func link(_ place: Int) {
        entries[place].newer = -1
        entries[place].older = newest
        if newest >= 0 { entries[newest].newer = place }
        newest = place
        if oldest < 0 { oldest = place }
    }

    private mutating func unlink(_ place: Int) {
        let (newer, older) = (entries[place].newer, entries[place].older)
        if newer >= 0 { entries[newer].older = older } else { newest = older }
        if older >= 0 { entries[older].newer = newer } else { oldest = newer }
    }
}
