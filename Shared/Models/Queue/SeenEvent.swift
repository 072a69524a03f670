/// What an accepted event met: the definitions that it matched, and why each instance and entry that was looked at did
/// not move, as far as no step event says it.
///
/// Beside the first step events that the event caused, or with one of kind ``StepEvent/Kind/event`` where it caused
/// none: `{"events":["orderPlaced"],"looked":[["welcome",2,"filterFalse"],["order",1,"matchFalse","4f0c…",
/// [["delivered.order.id","7"]]]],"ruledOut":[["9b1e…",63,[["vip",1]]]]}`, the last two where there are any.
package struct SeenEvent: Sendable, Hashable {
    /// An instance or an entry that was looked at and did not move.
    package struct Look: Sendable, Hashable {
        package let journey: String
        package let version: Int64
        /// Nil for an entry.
        package let instance: String?
        /// `notListening`, `matchFalse`, `filterFalse`, `kept`, …
        package let reason: String
        /// The values that a filter or match went by.
        package let read: [StepReading]

        package init(
            journey: String, version: Int64, instance: String? = nil, reason: String, read: [StepReading] = []
        ) {
            self.journey = journey
            self.version = version
            self.instance = instance
            self.reason = reason
            self.read = read
        }
    }

    /// Entries that a constant of their filters ruled out, without a look at each of them.
    package struct RuledOut: Sendable, Hashable {
        /// The id of a ``RefusalCounts/Group``.
        package let group: String
        /// How many of the group's members were ruled out.
        package let count: Int64
        /// Those that were not.
        package let except: [RefusalCounts.Member]

        package init(group: String, count: Int64, except: [RefusalCounts.Member]) {
            self.group = group
            self.count = count
            self.except = except
        }
    }

    /// Names of the event definitions.
    package let events: [String]
    package let looked: [Look]
    package let ruledOut: [RuledOut]

    package init(events: [String], looked: [Look] = [], ruledOut: [RuledOut] = []) {
        self.events = events
        self.looked = looked
        self.ruledOut = ruledOut
    }

    /// What ``write(to:)`` wrote.
    package init(_ value: JSONValue) throws(MalformedElement) {
        events = try ElementReader(value).strings("events")
        looked = (value["looked"]?.arrayValue ?? []).compactMap { item in
            guard let journey = item[0]?.stringValue, let version = item[1]?.integerValue,
                let reason = item[2]?.stringValue
            else { return nil }
            return Look(
                journey: journey, version: version, instance: item[3]?.stringValue, reason: reason,
                read: (item[4]?.arrayValue ?? []).compactMap(StepReading.init))
        }
        ruledOut = (value["ruledOut"]?.arrayValue ?? []).compactMap { item in
            guard let group = item[0]?.stringValue, let count = item[1]?.integerValue else { return nil }
            return RuledOut(group: group, count: count, except: RefusalCounts.members(item[2]))
        }
    }

    /// The object as JSON text.
    package func write(to bytes: inout [UInt8]) {
        var writer = ElementWriter(taking: &bytes)
        writer.add("events", events)
        if !looked.isEmpty {
            writer.add("looked", looked) { look, bytes in
                bytes.append(UInt8(ascii: "["))
                JSONWriter.write(look.journey, to: &bytes)
                bytes.append(UInt8(ascii: ","))
                JSONWriter.write(look.version, to: &bytes)
                bytes.append(UInt8(ascii: ","))
                JSONWriter.write(look.reason, to: &bytes)
                if look.instance != nil || !look.read.isEmpty {
                    bytes.append(UInt8(ascii: ","))
                    JSONValue(look.instance).write(to: &bytes)
                }
                if !look.read.isEmpty {
                    bytes.append(contentsOf: ",[".utf8)
                    for (place, reading) in look.read.enumerated() {
                        if place > 0 { bytes.append(UInt8(ascii: ",")) }
                        reading.write(to: &bytes)
                    }
                    bytes.append(UInt8(ascii: "]"))
                }
                bytes.append(UInt8(ascii: "]"))
            }
        }
        if !ruledOut.isEmpty {
            writer.add("ruledOut", ruledOut) { group, bytes in
                bytes.append(UInt8(ascii: "["))
                JSONWriter.write(group.group, to: &bytes)
                bytes.append(UInt8(ascii: ","))
                JSONWriter.write(group.count, to: &bytes)
                if !group.except.isEmpty {
                    bytes.append(contentsOf: ",[".utf8)
                    for (place, member) in group.except.enumerated() {
                        bytes.append(contentsOf: (place > 0 ? ",[" : "[").utf8)
                        JSONWriter.write(member.journey, to: &bytes)
                        bytes.append(UInt8(ascii: ","))
                        JSONWriter.write(member.version, to: &bytes)
                        bytes.append(UInt8(ascii: "]"))
                    }
                    bytes.append(UInt8(ascii: "]"))
                }
                bytes.append(UInt8(ascii: "]"))
            }
        }
        bytes = writer.finish()
    }

    /// As the methods that read step events answer it.
    ///
    /// - Parameter members: of a group, where they are asked for and known.
    package func view(members: (String) -> [RefusalCounts.Member]? = { _ in nil }) -> JSONValue {
        var object: JSONObject = ["matched": JSONValue(events)]
        if !looked.isEmpty {
            object["looked"] = .array(
                looked.map { look in
                    var item: JSONObject = ["journey": .string(look.journey), "version": .integer(look.version)]
                    if let instance = look.instance { item["instance"] = .string(instance) }
                    item["code"] = .string(look.reason)
                    if !look.read.isEmpty { item["read"] = .array(look.read.map(\.view)) }
                    return .object(item)
                })
        }
        if !ruledOut.isEmpty {
            object["ruledOut"] = .array(
                ruledOut.map { group in
                    var item: JSONObject = [
                        "group": .string(group.group), "code": "filterFalse", "count": .integer(group.count),
                    ]
                    if let members = members(group.group) {
                        item["journeys"] = .array(group.members(of: members))
                    }
                    return .object(item)
                })
        }
        return .object(object)
    }
}

extension SeenEvent.RuledOut {
    /// The members that were ruled out, as answers show them.
    func members(of all: [RefusalCounts.Member]) -> [JSONValue] {
        let spared = Set(except.map { "\($0.version):\($0.journey)" })
        return all.filter { !spared.contains("\($0.version):\($0.journey)") }.map {
            ["journey": .string($0.journey), "version": .integer($0.version)]
        }
    }
}
