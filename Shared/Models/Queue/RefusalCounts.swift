/// Refusals of one commit that are counted by journey and recorded nowhere, as those whom an entry's filter is not for.
///
/// In the element of `steps`: `"refused":[{"journey":"welcome","version":2,"reason":"filterFalse","at":ms,"count":3}]`,
/// `"ruledOut":[{"group":"4f0c…","at":ms,"count":64,"except":[["welcome",2,1]]}]`, each where there are any. Times are
/// those of the minutes that are counted.
package struct RefusalCounts: Sendable, Hashable {
    package struct One: Sendable, Hashable {
        package let journey: String
        package let version: Int64
        package let reason: String
        package let at: Int64
        /// The test or dry run; nil for what is real.
        package let run: String?
        package let count: Int64

        package init(journey: String, version: Int64, reason: String, at: Int64, run: String?, count: Int64) {
            self.journey = journey
            self.version = version
            self.reason = reason
            self.at = at
            self.run = run
            self.count = count
        }
    }

    /// A version of a journey.
    package struct Member: Sendable, Hashable {
        package let journey: String
        package let version: Int64
        /// How often it was not ruled out; in a group 0.
        package let count: Int64

        package init(journey: String, version: Int64, count: Int64 = 0) {
            self.journey = journey
            self.version = version
            self.count = count
        }
    }

    /// `filterFalse`, so often, of each version of a group, less what is excepted.
    package struct RuledOut: Sendable, Hashable {
        package let group: String
        package let at: Int64
        package let run: String?
        package let count: Int64
        package let except: [Member]

        package init(group: String, at: Int64, run: String?, count: Int64, except: [Member]) {
            self.group = group
            self.at = at
            self.run = run
            self.count = count
            self.except = except
        }
    }

    /// Versions that are counted together, whose members never change. They are told once in a while.
    package struct Group: Sendable, Hashable {
        package let id: String
        package let members: [Member]

        package init(id: String, members: [Member]) {
            self.id = id
            self.members = members
        }
    }

    package var refused: [One] = []
    package var ruledOut: [RuledOut] = []
    package var groups: [Group] = []

    package init() {}

    package var isEmpty: Bool { refused.isEmpty && ruledOut.isEmpty && groups.isEmpty }

    init(_ value: JSONValue) throws(MalformedElement) {
        for item in value["refused"]?.arrayValue ?? [] {
            let reader = try ElementReader(item)
            refused.append(
                One(
                    journey: try reader.string("journey"), version: try reader.integer("version"),
                    reason: try reader.string("reason"), at: try reader.integer("at"),
                    run: item["run"]?.stringValue, count: try reader.integer("count")))
        }
        for item in value["ruledOut"]?.arrayValue ?? [] {
            let reader = try ElementReader(item)
            ruledOut.append(
                RuledOut(
                    group: try reader.string("group"), at: try reader.integer("at"), run: item["run"]?.stringValue,
                    count: try reader.integer("count"), except: Self.members(item["except"])))
        }
        for item in value["groups"]?.arrayValue ?? [] {
            let reader = try ElementReader(item)
            groups.append(Group(id: try reader.string("id"), members: Self.members(item["members"])))
        }
    }

    func write(to writer: inout ElementWriter) {
        if !refused.isEmpty { writer.add("refused", .array(refused.map(Self.json))) }
        if !ruledOut.isEmpty { writer.add("ruledOut", .array(ruledOut.map(Self.json))) }
        if groups.isEmpty { return }
        writer.add("groups", .array(groups.map { ["id": .string($0.id), "members": Self.json($0.members)] }))
    }

    private static func json(_ one: One) -> JSONValue {
        var object: JSONObject = [
            "journey": .string(one.journey), "version": .integer(one.version), "reason": .string(one.reason),
            "at": .integer(one.at), "count": .integer(one.count),
        ]
        if let run = one.run { object["run"] = .string(run) }
        return .object(object)
    }

    private static func json(_ ruledOut: RuledOut) -> JSONValue {
        var object: JSONObject = [
            "group": .string(ruledOut.group), "at": .integer(ruledOut.at), "count": .integer(ruledOut.count),
        ]
        if let run = ruledOut.run { object["run"] = .string(run) }
        if !ruledOut.except.isEmpty { object["except"] = json(ruledOut.except) }
        return .object(object)
    }

    /// `[["welcome",2,1]]`; the last part is left out where it is 0.
    package static func json(_ members: [Member]) -> JSONValue {
        .array(
            members.map { member in
                .array(
                    [.string(member.journey), .integer(member.version)]
                        + (member.count == 0 ? [] : [.integer(member.count)]))
            })
    }

    package static func members(_ value: JSONValue?) -> [Member] {
        (value?.arrayValue ?? []).compactMap { item in
            guard let journey = item[0]?.stringValue, let version = item[1]?.integerValue else { return nil }
            return Member(journey: journey, version: version, count: item[2]?.integerValue ?? 0)
        }
    }
}
