import Engine
import Models

/// Refusals of a batch that have no record, summed by journey, reason and minute.
struct RefusalSums {
    private struct One: Hashable {
        let member: EntryGroup.Member
        let reason: String
        let minute: Int64
        let run: String?
    }

    private struct Grouped: Hashable {
        let group: EntryGroup
        let minute: Int64
        let run: String?
    }

    private struct GroupSum {
        var count: Int64 = 0
        var except: [EntryGroup.Member: Int64] = [:]
    }

    private static let minuteMilliseconds: Int64 = 60_000

    private var ones: [One: Int64] = [:]
    private var grouped: [Grouped: GroupSum] = [:]

    var isEmpty: Bool { ones.isEmpty && grouped.isEmpty }

    mutating func add(_ tallies: [RefusalTally], at time: Int64, run: String?) {
        let minute = time / Self.minuteMilliseconds * Self.minuteMilliseconds
        for tally in tallies {
            switch tally {
            case .one(let member, let reason):
                ones[One(member: member, reason: reason, minute: minute, run: run), default: 0] += 1
            case .group(let group, let except):
                let place = Grouped(group: group, minute: minute, run: run)
                grouped[place, default: GroupSum()].count += 1
                for member in except { grouped[place, default: GroupSum()].except[member, default: 0] += 1 }
            }
        }
    }

    /// In an order of their own, so that a batch computed twice is the same.
    ///
    /// - Parameter told: groups whose members need not be told.
    func counts(telling told: Set<String>) -> RefusalCounts {
        var counts = RefusalCounts()
        counts.refused = ones.map { place, count in
            .init(
                journey: place.member.journey, version: place.member.version, reason: place.reason, at: place.minute,
                run: place.run, count: count)
        }.sorted { Self.order($0) < Self.order($1) }
        let groups = grouped.sorted {
            ($0.key.group.id, $0.key.minute, $0.key.run ?? "") < ($1.key.group.id, $1.key.minute, $1.key.run ?? "")
        }
        for (place, sum) in groups {
            let except = sum.except.sorted { ($0.key.journey, $0.key.version) < ($1.key.journey, $1.key.version) }
            counts.ruledOut.append(
                .init(
                    group: place.group.id, at: place.minute, run: place.run, count: sum.count,
                    except: except.map { .init(journey: $0.key.journey, version: $0.key.version, count: $0.value) }))
            let isTold = told.contains(place.group.id) || counts.groups.last?.id == place.group.id
            if isTold { continue }
            counts.groups.append(
                .init(
                    id: place.group.id,
                    members: place.group.members.map { .init(journey: $0.journey, version: $0.version) }))
        }
        return counts
    }

    private static func order(_ count: RefusalCounts.One) -> (String, Int64, String, Int64, String) {
        (count.journey, count.version, count.reason, count.at, count.run ?? "")
    }
}
