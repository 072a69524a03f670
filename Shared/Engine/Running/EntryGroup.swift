import Models

/// Versions whose entries listen to one event and whose filters a constant may rule out, all counted as one: there may
/// be a thousand of them, and what is not looked at must not cost.
package final class EntryGroup: Sendable {
    package struct Member: Sendable, Hashable {
        package let journey: String
        package let version: Int64

        package init(journey: String, version: Int64) {
            self.journey = journey
            self.version = version
        }

        init(_ plan: Plan) { self.init(journey: plan.journey, version: plan.version) }
    }

    /// A hash of the members: the same whoever makes it.
    package let id: String
    /// By journey and version.
    package let members: [Member]

    init(_ members: [Member]) {
        self.members = members.sorted { ($0.journey, $0.version) < ($1.journey, $1.version) }
        var hash = SipHash(key: HashKey(first: 0x6a6f_7572_6e65_79, second: 0x6772_6f75_70))
        for member in self.members {
            hash.add(member.journey)
            hash.add(UInt64(bitPattern: member.version))
        }
        let (high, low) = hash.finish()
        id = hexadecimal(high) + hexadecimal(low)
    }
}

extension EntryGroup: Hashable {
    package static func == (one: EntryGroup, other: EntryGroup) -> Bool { one.id == other.id }
    package func hash(into hasher: inout Hasher) { hasher.combine(id) }
}

/// Refusals of one stimulus that are counted by journey and recorded nowhere.
package enum RefusalTally: Sendable, Hashable {
    /// `filterFalse` of every member but these.
    case group(EntryGroup, except: [EntryGroup.Member])
    case one(EntryGroup.Member, reason: String)
}

/// Where an event may lead.
struct EntryCandidates {
    /// In order.
    var members: [Int]
    /// Of those ruled out by their filters' constants.
    var ruledOut = 0
    var groups: [(group: EntryGroup, except: [Int])] = []
}
