/// Members and items of one value that subschemas have looked at: what `unevaluatedProperties` and
/// `unevaluatedItems` leave alone.
struct SchemaMarks {
    /// By place in the object; shorter than it where the rest is not marked.
    private var members: [Bool] = []
    private var items: [Bool] = []
    private var itemsBefore = 0
    private var hasAllMembers = false
    private var hasAllItems = false

    mutating func markMember(_ place: Int) { Self.set(place, &members) }
    mutating func markItem(_ place: Int) { Self.set(place, &items) }
    mutating func markItems(before place: Int) { itemsBefore = max(itemsBefore, place) }
    mutating func markAllMembers() { hasAllMembers = true }
    mutating func markAllItems() { hasAllItems = true }

    func hasMember(_ place: Int) -> Bool { hasAllMembers || (place < members.count && members[place]) }
    func hasItem(_ place: Int) -> Bool {
        hasAllItems || place < itemsBefore || (place < items.count && items[place])
    }

    mutating func merge(_ other: SchemaMarks) {
        hasAllMembers = hasAllMembers || other.hasAllMembers
        hasAllItems = hasAllItems || other.hasAllItems
        itemsBefore = max(itemsBefore, other.itemsBefore)
        for (place, isMarked) in other.members.enumerated() where isMarked { markMember(place) }
        for (place, isMarked) in other.items.enumerated() where isMarked { markItem(place) }
    }

    private static func set(_ place: Int, _ marks: inout [Bool]) {
        while marks.count <= place { marks.append(false) }
        marks[place] = true
    }
}
