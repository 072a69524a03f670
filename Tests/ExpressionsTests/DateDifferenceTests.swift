import Foundation
import Models
import Testing

@testable import Expressions

@Suite("dateDiff")
struct DateDifferenceTests {
    static let zoneNames = [
        "UTC", "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kolkata",
        "America/St_Johns", "Africa/Casablanca", "Asia/Tokyo", "Pacific/Kiritimati", "-09:30", "+05:45",
    ]

    /// 1970 to 2100, in milliseconds.
    static let instants: ClosedRange<Int64> = 0...4_102_444_800_000

    struct Pair {
        let one: DateTime
        let other: DateTime
        let journey: Zone
    }

    static func pair(_ zones: [Zone], _ random: inout SplitMix64) -> Pair {
        func zone() -> Zone { zones[Int.random(in: zones.indices, using: &random)] }
        let instant = Int64.random(in: instants, using: &random)
        // Half of the pairs lie so near that a change of the clocks between them matters.
        let isNear = Bool.random(using: &random)
        let near = max(0, instant + Int64.random(in: -200_000_000...200_000_000, using: &random))
        let other = isNear ? near : Int64.random(in: instants, using: &random)
        let first = zone()
        return Pair(
            one: DateTime(instant: instant, zone: first),
            other: DateTime(instant: other, zone: Bool.random(using: &random) ? first : zone()), journey: zone())
    }

    static let units = ["years", "months", "days", "hours", "minutes", "seconds"]
    static let seeds: [UInt64] = [47, UInt64.random(in: 0...UInt64.max)]

    @Test(
        "Ten thousand pairs: clock units are those between the instants, calendar units those in one zone; swapping negates",
        arguments: seeds)
    func pairs(seed: UInt64) throws {
        var random = SplitMix64(state: seed)
        let zones = try Self.zoneNames.map { try #require(Zone(identifier: $0)) }
        let scope = try ExpressionScope.inferred(from: ["profile": ["a": "", "b": ""]])
        let expressions = try Self.units.map { unit in
            try ["a", "b"].map { first in
                let second = first == "a" ? "b" : "a"
                return try Expression.compile(
                    "dateDiff(toDateTime(#{profile.\(first)}), toDateTime(#{profile.\(second)}), \"\(unit)\")", in: scope)
            }
        }
        for _ in 0..<10_000 {
            let pair = Self.pair(zones, &random)
            let values: JSONValue = ["profile": ["a": Self.text(pair.one), "b": Self.text(pair.other)]]
            let context = EvaluationValues(values: values, now: 0, zone: pair.journey)
            for (place, unit) in Self.units.enumerated() {
                let found = try expressions[place].map { try $0.evaluate(in: context) }
                let wanted = Self.expected(pair, unit)
                let what = "seed \(seed): \(values.text) in \(pair.journey.identifier), \(unit)"
                #expect(found[0] == .integer(wanted), "\(what)")
                #expect(found[1] == .integer(-wanted), "\(what), swapped")
            }
        }
    }

    private static func text(_ time: DateTime) -> JSONValue {
        let isNamed = time.zone.identifier.contains("/")
        return .string(ISO8601.write(time) + (isNamed ? "[\(time.zone.identifier)]" : ""))
    }

    /// By the rule, with Foundation's zones and calendar.
    private static func expected(_ pair: Pair, _ unit: String) -> Int64 {
        let (one, other) = (pair.one.instant, pair.other.instant)
        switch unit {
        case "hours": return (other - one) / 3_600_000
        case "minutes": return (other - one) / 60_000
        case "seconds": return (other - one) / 1_000
        default: break
        }
        let zone = pair.one.zone == pair.other.zone ? pair.one.zone : pair.journey
        let (first, second) = (shown(one, zone), shown(other, zone))
        if unit == "days" { return (second - first) / 86_400_000 }
        let months = first <= second ? wholeMonths(first, second) : -wholeMonths(second, first)
        return unit == "years" ? months / 12 : months
    }

    /// The zone's clock as milliseconds.
    private static func shown(_ instant: Int64, _ zone: Zone) -> Int64 {
        let date = Date(timeIntervalSince1970: (Double(instant) / 1_000).rounded(.down))
        let system = TimeZone(identifier: zone.identifier)
        return instant + (system.map { Int64($0.secondsFromGMT(for: date)) * 1_000 } ?? zone.offsetMilliseconds(at: instant))
    }

    /// The most months after which the later time is reached, each tried from the beginning.
    private static func wholeMonths(_ first: Int64, _ second: Int64) -> Int64 {
        let (start, end) = (LocalDateTime(milliseconds: first), LocalDateTime(milliseconds: second))
        let about = Int64(end.date.year - start.date.year) * 12 + Int64(end.date.month - start.date.month)
        for months in stride(from: about + 1, through: 0, by: -1) {
            guard let day = start.date.adding(months: months) else { continue }
            if LocalDateTime(date: day, millisecondOfDay: start.millisecondOfDay) <= end { return months }
        }
        return 0
    }

    static let meetings: [(String, String, String)] = [
        (#"dateDiff(date("2026-01-01T00:00:00Z"), date("2026-01-01T01:00:00+01:00"), "hours")"#, "UTC", "0"),
        (#"dateDiff(date("2025-12-31T23:00:00Z"), now(), "hours")"#, "Europe/Paris", "1"),
        (#"dateDiff(date("2025-12-31T23:55:00Z"), now(), "minutes")"#, "America/New_York", "5"),
        (#"dateDiff(date("2026-03-12T01:00:00-07:00"), date("2026-03-12T03:00:00-06:00"), "hours")"#, "UTC", "1"),
        (#"dateDiff(date("2017-11-05T01:30:00-06:00"), date("2017-11-05T01:15:00-07:00"), "minutes")"#, "UTC", "45"),
        // Noon to noon over the change of the clocks: 23 hours, and a day.
        (noons("hours"), "UTC", "23"), (noons("days"), "UTC", "1"), (noons("days"), "Asia/Tokyo", "1"),
        // In different zones the journey's calendar counts: 23 hours are a day in Paris, where the clocks change.
        (#"dateDiff(date("2026-03-28T11:00:00Z"), date("2026-03-29T12:00:00+02:00"), "days")"#, "UTC", "0"),
        (#"dateDiff(date("2026-03-28T11:00:00Z"), date("2026-03-29T12:00:00+02:00"), "days")"#, "Europe/Paris", "1"),
        (#"dateDiff(date("2026-01-31T23:30:00Z"), date("2026-03-31T01:00:00+02:00"), "months")"#, "UTC", "1"),
        (#"dateDiff(date("2026-01-31T23:30:00Z"), date("2026-03-31T01:00:00+02:00"), "months")"#, "Europe/Paris", "1"),
        // From and to the end of a month it is as many months.
        (#"dateDiff(date("2021-01-31"), date("2021-02-28"), "months")"#, "UTC", "1"),
        (#"dateDiff(date("2021-02-28"), date("2021-01-31"), "months")"#, "UTC", "-1"),
        (#"dateDiff(date("2021-02-28"), date("2020-02-29"), "years")"#, "UTC", "-1"),
        (#"dateDiff(date("2021-03-28T01:00:00"), date("2021-03-28T03:00:00"), "hours")"#, "Europe/Paris", "2"),
    ]

    private static func noons(_ unit: String) -> String {
        let noon = { (day: Int) in #"toDateTime("Europe/Paris", date("2026-03-\#(day)T12:00:00"))"# }
        return "dateDiff(\(noon(28)), \(noon(29)), \"\(unit)\")"
    }

    @Test("As marketers meet it", arguments: meetings)
    func table(expression: String, zone: String, result: String) throws {
        let zone = try #require(Zone(identifier: zone))
        #expect(try World.evaluate(expression, zone: zone).json.text == result)
    }
}
