import Models
import Redis

/// A person's key as it stands in Redis, where it is not the composed one of that person, and the partition it is in.
struct OtherSpelling: Hashable {
    let partition: Int
    let key: ExactText
}

/// What a walk over all keys found: people spelled otherwise, and the sets that their keys may be members of.
struct SpellingSurvey {
    private(set) var found: Set<OtherSpelling> = []
    /// By partition, without the partition's tag: `audience:gold:3`, `read:news`.
    private(set) var sets: [Int: Set<ExactText>] = [:]
    private let prefix: String

    init(prefix: String) {
        self.prefix = "{\(prefix):"
    }

    /// Looks at one key of Redis.
    mutating func note(_ key: String) {
        guard key.utf8.starts(with: prefix.utf8), let end = key.utf8.firstIndex(of: UInt8(ascii: "}")),
            let partition = Int(key[key.utf8.index(key.startIndex, offsetBy: prefix.utf8.count)..<end])
        else { return }
        let rest = key[key.utf8.index(after: end)...].utf8.dropFirst()
        guard let colon = rest.firstIndex(of: UInt8(ascii: ":")) else { return }
        let name = String(Substring(rest[rest.index(after: colon)...]))
        switch String(Substring(rest[..<colon])) {
        case "traveler", "profile", "events":
            // What a test or a dry run keeps of somebody goes with the run.
            guard !name.utf8Span.isKnownASCII, !name.utf8.contains(UInt8(ascii: "~")),
                let person = Person(key: name), !person.key.hasBytes(of: name)
            else { return }
            found.insert(OtherSpelling(partition: partition, key: ExactText(name)))
        case "audience", "read": sets[partition, default: []].insert(ExactText(String(Substring(rest))))
        default: break
        }
    }
}

/// Everything that Redis holds under one person's key.
struct PersonHoldings {
    var traveler: [(field: String, value: [UInt8])] = []
    /// When Redis forgets the traveler (ms since 1970); nil: never, or there is none.
    var travelerExpiry: Int64?
    var profile: [UInt8]?
    /// Kept events, newest first, and when Redis forgets them.
    var events: [[UInt8]] = []
    var eventsExpiry: Int64?

    var isEmpty: Bool { traveler.isEmpty && profile == nil && events.isEmpty }

    static func commands(_ keys: PartitionKeys, _ key: String) -> [RedisCommand] {
        [
            RedisCommand("HGETALL", keys.traveler(key)), RedisCommand("PEXPIRETIME", keys.traveler(key)),
            RedisCommand("GET", keys.profile(key)), RedisCommand("LRANGE", keys.events(key), 0, -1),
            RedisCommand("PEXPIRETIME", keys.events(key)),
        ]
    }

    init(_ replies: [RedisReply]) throws(RedisError) {
        var checked: [RedisReply] = []
        for reply in replies { checked.append(try reply.checked()) }
        let fields = checked[0].elements ?? []
        for place in stride(from: 0, to: fields.count - 1, by: 2) {
            traveler.append((fields[place].text ?? "", fields[place + 1].bytes ?? []))
        }
        travelerExpiry = checked[1].integerValue.flatMap { $0 < 0 ? nil : $0 }
        profile = checked[2].bytes
        events = (checked[3].elements ?? []).compactMap(\.bytes)
        eventsExpiry = checked[4].integerValue.flatMap { $0 < 0 ? nil : $0 }
    }

    /// The profile as it names the person now; nil where there is none, or one that cannot be read.
    var composedProfile: [UInt8]? { profile.flatMap { try? ProfileDocument(bytes: $0).bytes } }

    /// The instances with their journeys and versions.
    var instances: [(id: String, journey: String, version: Int64)] {
        traveler.compactMap { field, value in
            guard field.utf8.starts(with: "i:".utf8), let state = try? JSONValue.parse(value),
                let journey = state["journey"]?.stringValue, let version = state["version"]?.integerValue
            else { return nil }
            return (String(field.dropFirst(2)), journey, version)
        }
    }

    /// The fields that the traveler of the composed key gets: what it has itself stays, but that the later of two last
    /// entries counts.
    func fields(beside own: PersonHoldings) -> [(field: String, value: [UInt8])] {
        traveler.filter { field, value in
            guard let had = own.traveler.first(where: { $0.field.hasBytes(of: field) })?.value else { return true }
            guard field.utf8.starts(with: "e:".utf8) else { return false }
            func time(_ bytes: [UInt8]) -> Int64 { Int64(String(decoding: bytes, as: UTF8.self)) ?? 0 }
            return time(value) > time(had)
        }
    }

    /// The kept events of both, newest first, each once, with the sums that the script counts on.
    func events(beside own: PersonHoldings) -> [[UInt8]] {
        var seen: Set<ExactText> = []
        let all = (own.events + events).compactMap(KeptEvent.init(bytes:)).filter { event in
            seen.insert(ExactText("\(event.at) \(event.id) \(event.events.joined(separator: " "))")).inserted
        }
        let newest = all.enumerated().sorted { ($1.element.at, $0.offset) < ($0.element.at, $1.offset) }
            .prefix(KeptEvent.countMax).map(\.element.element)
        var sum = 0
        return newest.reversed().map { element in
            sum += element.count - 1
            return Array("{\"sum\":\(sum),".utf8) + element.dropFirst()
        }.reversed()
    }
}
