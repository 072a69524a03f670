/// The members of a JSON object, in the order in which they were written.
///
/// Keys are the same where their bytes are. Two objects are equal when they have equal members, whatever their order.
/// A look-up is linear up to ``indexedFrom`` members, where a comparison of short strings beats hashing, and constant
/// beyond.
package struct JSONObject: Sendable {
    package typealias Member = (key: String, value: JSONValue)

    /// From this many members on an index is kept.
    static let indexedFrom = 24

    private(set) var members: [Member]
    private var index: [ExactText: Int]?

    package init() {
        members = []
    }

    /// Of repeated keys the last value stays, at the first one's place.
    package init(_ pairs: some Sequence<(String, JSONValue)>) {
        members = []
        for (key, value) in pairs { self[key] = value }
    }

    package init(minimumCapacity: Int) {
        members = []
        members.reserveCapacity(minimumCapacity)
    }

    package var count: Int { members.count }
    package var isEmpty: Bool { members.isEmpty }
    package var keys: some Sequence<String> & Sendable { members.map(\.key) }

    /// The member's value. Setting nil removes the member (linear); a new key goes to the end.
    package subscript(key: String) -> JSONValue? {
        get {
            place(of: key).map { members[$0].value }
        }
        set {
            switch (place(of: key), newValue) {
            case (let place?, let value?): members[place].value = value
            case (let place?, nil):
                members.remove(at: place)
                if index != nil { reindex() }
            case (nil, let value?): appendNew(key, value)
            case (nil, nil): break
            }
        }
    }

    package subscript(key: String, default fallback: JSONValue) -> JSONValue {
        get { self[key] ?? fallback }
        set { self[key] = newValue }
    }

    package func contains(_ key: String) -> Bool { place(of: key) != nil }

    /// Adds a member; false, changing nothing, where the key is there already. The parser's way in.
    mutating func insert(_ key: String, _ value: JSONValue) -> Bool {
        if place(of: key) != nil { return false }
        appendNew(key, value)
        return true
    }

    /// The object without these members.
    package func removing(_ keys: String...) -> JSONObject {
        JSONObject(
            members.lazy.filter { member in !keys.contains { $0.hasBytes(of: member.key) } }.map { ($0.key, $0.value) })
    }

    /// Sets every member of the other object here.
    package mutating func merge(_ other: JSONObject) {
        for (key, value) in other { self[key] = value }
    }

    private func place(of key: String) -> Int? {
        if let index { return index[ExactText(key)] }
        for place in members.indices where members[place].key.hasBytes(of: key) { return place }
        return nil
    }

    private mutating func appendNew(_ key: String, _ value: JSONValue) {
        members.append((key, value))
        if index != nil {
            index?[ExactText(key)] = members.count - 1
        } else if members.count >= Self.indexedFrom {
            reindex()
        }
    }

    private mutating func reindex() {
        var index = [ExactText: Int](minimumCapacity: members.count)
        for place in members.indices { index[ExactText(members[place].key)] = place }
        self.index = index
    }
}

extension JSONObject: Sequence {
    package func makeIterator() -> IndexingIterator<[Member]> { members.makeIterator() }
    package var underestimatedCount: Int { members.count }
}

extension JSONObject: Hashable {
    package static func == (one: JSONObject, other: JSONObject) -> Bool {
        one.count == other.count && one.members.allSatisfy { other[$0.key] == $0.value }
    }

    package func hash(into hasher: inout Hasher) {
        var sum = 0
        for (key, value) in members {
            var member = Hasher()
            key.hashBytes(into: &member)
            member.combine(value)
            sum &+= member.finalize()
        }
        hasher.combine(sum)
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }
}
