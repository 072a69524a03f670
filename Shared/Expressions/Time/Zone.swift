import Foundation

/// A time zone: a fixed offset from UTC, or one of the tz database with its rules.
package struct Zone: Sendable, Hashable {
    private enum Kind: Sendable, Hashable {
        case fixed(offsetSeconds: Int32)
        case named(TimeZone)
    }

    /// What a fixed offset may be at most where a zone is named: no zone's clocks were ever further from UTC.
    private static let namedOffsetSecondsMax = 18 * 3600

    package static let utc = Zone(kind: .fixed(offsetSeconds: 0))

    private let kind: Kind

    private init(kind: Kind) {
        self.kind = kind
    }

    /// A fixed offset, east positive; nil where it is not less than a day.
    package init?(offsetSeconds: Int) {
        guard offsetSeconds.magnitude < 24 * 3600 else { return nil }
        kind = .fixed(offsetSeconds: Int32(offsetSeconds))
    }

    /// Of `UTC`, `GMT`, `Z`, an offset such as `+02:00`, or a name of the tz database such as `Europe/Paris`; nil
    /// for others.
    package init?(identifier: String) {
        if ["UTC", "GMT", "Z", "Etc/UTC"].contains(identifier) {
            self = .utc
        } else if identifier.hasPrefix("+") || identifier.hasPrefix("-") {
            var reader = ISO8601Reader(identifier)
            guard let seconds = reader.offsetSeconds(), reader.isAtEnd,
                seconds.magnitude <= Self.namedOffsetSecondsMax
            else { return nil }
            guard let zone = Zone(offsetSeconds: seconds) else { return nil }
            self = zone
        } else {
            // Foundation also takes abbreviations and `GMT+2`, whose sign means different things to different people.
            guard identifier.utf8.allSatisfy(Zone.isNameByte), identifier.utf8.contains(UInt8(ascii: "/")),
                let zone = TimeZone(identifier: identifier)
            else { return nil }
            self.init(kind: .named(zone))
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "_"), UInt8(ascii: "-"),
            UInt8(ascii: "+"):
            true
        default: false
        }
    }

    /// `UTC`, `+02:00` or the name.
    package var identifier: String {
        switch kind {
        case .fixed(0): "UTC"
        case .fixed(let seconds): ISO8601.write(offsetSeconds: Int(seconds))
        case .named(let zone): zone.identifier
        }
    }

    /// How far the zone's clocks are ahead of UTC then, in milliseconds.
    package func offsetMilliseconds(at instant: Int64) -> Int64 {
        switch kind {
        case .fixed(let seconds): Int64(seconds) * 1000
        case .named(let zone):
            // Rounded down, so that the last millisecond before a change is before it.
            Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: (Double(instant) / 1000).rounded(.down)))) * 1000
        }
    }

    /// What the zone's calendar and clocks show then.
    package func local(of instant: Int64) -> LocalDateTime {
        LocalDateTime(milliseconds: instant &+ offsetMilliseconds(at: instant))
    }

    /// How often a zone's clocks show a time, and when.
    package enum Occurrence: Sendable, Hashable {
        case once(Int64)
        /// Never: the time moved forward by the gap.
        case skipped(Int64)
        case twice(Int64, again: Int64)
    }

    /// When the zone's clocks show this. A time that daylight saving skips moves forward by the gap; of one that occurs
    /// twice it is the first.
    package func instant(of local: LocalDateTime) -> Int64 {
        switch occurrence(of: local) {
        case .once(let instant), .skipped(let instant), .twice(let instant, _): instant
        }
    }

    /// When the zone's clocks show this, each time.
    package func occurrence(of local: LocalDateTime) -> Occurrence {
        guard case .named = kind else { return .once(local.milliseconds - offsetMilliseconds(at: 0)) }
        let day = LocalDateTime.millisecondsPerDay
        let before = offsetMilliseconds(at: local.milliseconds - day)
        let after = offsetMilliseconds(at: local.milliseconds + day)
        let byOffsetBefore = local.milliseconds - before
        if before == after { return .once(byOffsetBefore) }
        let byOffsetAfter = local.milliseconds - after
        let isShownAfter = offsetMilliseconds(at: byOffsetAfter) == after
        guard offsetMilliseconds(at: byOffsetBefore) == before else {
            return isShownAfter ? .once(byOffsetAfter) : .skipped(byOffsetBefore)
        }
        return isShownAfter ? .twice(byOffsetBefore, again: byOffsetAfter) : .once(byOffsetBefore)
    }
}

extension Zone {
    /// The name of the tz database that somebody probably meant.
    static func nearestIdentifier(to text: String) -> String? {
        let known = TimeZone.knownTimeZoneIdentifiers
        if let near = Suggestion.nearest(to: text, in: known) { return near }
        // The city alone, as people say it.
        let city = text.split(separator: " ").joined(separator: "_").lowercased()
        return known.first { $0.split(separator: "/").last?.lowercased() == city }
    }
}
