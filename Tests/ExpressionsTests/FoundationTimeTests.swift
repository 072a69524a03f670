import Foundation
import Models
import Testing

@testable import Expressions

/// Dates and times beside Foundation's calendar, over random instants in every zone that the system knows.
@Suite("Time beside Foundation")
struct FoundationTimeTests {
    static let seeds: [UInt64] = [20_260_101, UInt64.random(in: 0...UInt64.max)]
    static let zoneNames = TimeZone.knownTimeZoneIdentifiers.filter { Zone(identifier: $0) != nil }
    /// 1900-01-01 to 2100-01-01, in milliseconds.
    static let instants: ClosedRange<Int64> = -2_208_988_800_000...4_102_444_800_000

    static func calendar(_ zone: TimeZone) -> Calendar {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        return calendar
    }

    static func date(_ instant: Int64) -> Date { Date(timeIntervalSince1970: Double(instant) / 1000) }

    static func instant(_ date: Date) -> Int64 { Int64((date.timeIntervalSince1970 * 1000).rounded()) }

    @Test("Nearly all zones of the system may be named")
    func zones() {
        #expect(Self.zoneNames.count > 400)
    }

    @Test("What calendar and clock show is what Foundation's show, in every zone", arguments: seeds)
    func fields(seed: UInt64) throws {
        var random = SplitMix64(state: seed)
        for name in Self.zoneNames {
            let zone = try #require(Zone(identifier: name))
            let calendar = Self.calendar(try #require(TimeZone(identifier: name)))
            for _ in 0..<10 {
                // Whole seconds: Foundation keeps instants as floating point numbers.
                let instant = Int64.random(in: Self.instants, using: &random) / 1000 * 1000
                let parts = calendar.dateComponents(
                    [.year, .month, .day, .hour, .minute, .second, .weekday], from: Self.date(instant))
                let local = zone.local(of: instant)
                let (year, month, day) = local.date.civil
                let same =
                    parts.year == year && parts.month == month && parts.day == day && parts.hour == local.hour
                    && parts.minute == local.minute && parts.second == local.second
                    && parts.weekday.map { ($0 + 5) % 7 + 1 } == local.date.dayOfWeek
                #expect(same, "seed \(seed), \(name), \(instant): \(ISO8601.write(local)), not \(parts)")
            }
        }
    }

    /// When a zone's clocks show a time, found by trying every offset of the days around; moved forward by the gap where
    /// they never do.
    static func expected(_ local: Int64, _ zone: TimeZone) -> Int64 {
        func offset(_ instant: Int64) -> Int64 {
            Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: (Double(instant) / 1000).rounded(.down)))) * 1000
        }
        let halfHours = (-72...72).map { local + Int64($0) * 1_800_000 }
        let candidates = Set(halfHours.map { offset($0) }).map { local - $0 }.filter { offset($0) == local - $0 }
        return candidates.min() ?? local - offset(local - 86_400_000)
    }

    /// Where the offset of a zone changes between 2000 and 2030, found by halving months.
    static func changes(_ name: String) throws -> [Int64] {
        let zone = try #require(Zone(identifier: name))
        let month: Int64 = 2_592_000_000
        var found: [Int64] = []
        for start in stride(from: Int64(946_684_800_000), to: 1_893_456_000_000, by: Int(month)) {
            var (low, high) = (start, start + month)
            guard zone.offsetMilliseconds(at: low) != zone.offsetMilliseconds(at: high) else { continue }
            while high - low > 1000 {
                let middle = (low + high) / 2 / 1000 * 1000
                if zone.offsetMilliseconds(at: middle) == zone.offsetMilliseconds(at: low) {
                    low = middle
                } else {
                    high = middle
                }
            }
            found.append(high)
        }
        return found
    }

    @Test("In gaps and repeats a local time is what the zone's rules leave, in every zone", arguments: seeds)
    func gapsAndRepeats(seed: UInt64) throws {
        var random = SplitMix64(state: seed)
        var tried = 0
        for name in Self.zoneNames {
            let zone = try #require(Zone(identifier: name))
            let system = try #require(TimeZone(identifier: name))
            for change in try Self.changes(name).shuffled(using: &random).prefix(4) {
                let shown = zone.local(of: change - 1000).milliseconds
                let moves: [Int64] = [-3_600_000, -1000, 0, 1000, 900_000, 1_800_000, 3_600_000, 7_200_000]
                for move in moves + [Int64.random(in: -7_200_000...7_200_000, using: &random)] {
                    let local = LocalDateTime(milliseconds: shown + move)
                    let instant = zone.instant(of: local)
                    let wanted = Self.expected(local.milliseconds, system)
                    #expect(
                        instant == wanted, "seed \(seed), \(name), \(ISO8601.write(local)): \(instant), not \(wanted)")
                    tried += 1
                }
            }
        }
        #expect(tried > 2000)
    }

    @Test("ISO 8601 is written and read as Foundation does, in every zone", arguments: seeds)
    func iso(seed: UInt64) throws {
        var random = SplitMix64(state: seed)
        let plain = Date.ISO8601FormatStyle()
        let exact = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        for name in Self.zoneNames {
            let system = try #require(TimeZone(identifier: name))
            let zone = try #require(Zone(identifier: name))
            let own = Date.ISO8601FormatStyle(timeZoneSeparator: .colon, timeZone: system)
            for _ in 0..<5 {
                let seconds = Int64.random(in: Self.instants, using: &random) / 1000 * 1000
                let date = Self.date(seconds)
                #expect(ISO8601.write(instant: seconds) == date.formatted(plain), "seed \(seed), \(seconds)")
                #expect(ISO8601.parseDateTime(date.formatted(plain))?.instant == seconds)
                // Offsets of whole minutes: Foundation writes no others exactly.
                if zone.offsetMilliseconds(at: seconds) % 60_000 == 0 {
                    let text = date.formatted(own)
                    #expect(ISO8601.parseDateTime(text)?.instant == seconds, "seed \(seed), \(name), \(text)")
                    let written = ISO8601.write(DateTime(instant: seconds, zone: zone))
                    #expect(
                        try Self.instant(Date(written, strategy: own)) == seconds, "seed \(seed), \(name), \(written)")
                }
                let instant = seconds + Int64.random(in: 1...999, using: &random)
                let written = ISO8601.write(instant: instant)
                #expect(ISO8601.parseDateTime(written)?.instant == instant)
                #expect(try Self.instant(Date(written, strategy: exact)) == instant, "seed \(seed), \(written)")
            }
        }
    }

    @Test("Years, months and days are added on the calendar, hours on the clock, in every zone", arguments: seeds)
    func adding(seed: UInt64) throws {
        var random = SplitMix64(state: seed)
        // On the calendar alone, and months by their lengths: Foundation adds months a day off at times where the day of
        // the month is cut.
        let calendar = Self.calendar(try #require(TimeZone(identifier: "GMT")))
        let units: [(TimeUnit, Calendar.Component, Int)] = [
            (.years, .year, 60), (.months, .month, 700), (.days, .day, 20_000), (.hours, .hour, 100_000),
            (.minutes, .minute, 1_000_000), (.seconds, .second, 10_000_000),
        ]
        for name in Self.zoneNames {
            let system = try #require(TimeZone(identifier: name))
            let zone = try #require(Zone(identifier: name))
            for (unit, component, most) in units {
                let instant = Int64.random(in: Self.instants, using: &random) / 1000 * 1000
                let count = Int.random(in: -most...most, using: &random)
                let moved = try #require(unit.added(Int64(count), to: DateTime(instant: instant, zone: zone)))
                let isOnCalendar = [.years, .months, .days].contains(unit)
                let start = isOnCalendar ? zone.local(of: instant).milliseconds : instant
                let date =
                    switch unit {
                    case .years: try Self.adding(months: count * 12, to: start, calendar)
                    case .months: try Self.adding(months: count, to: start, calendar)
                    default: try #require(calendar.date(byAdding: component, value: count, to: Self.date(start)))
                    }
                let wanted = isOnCalendar ? Self.expected(Self.instant(date), system) : Self.instant(date)
                #expect(
                    moved.instant == wanted,
                    "seed \(seed), \(name): \(instant) and \(count) \(unit): \(moved.instant), not \(wanted)")
            }
        }
    }

    /// The same day and time so many months away, or the last day of a shorter month.
    static func adding(months: Int, to instant: Int64, _ calendar: Calendar) throws -> Date {
        var parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: date(instant))
        let count = (parts.year ?? 0) * 12 + (parts.month ?? 0) - 1 + months
        (parts.year, parts.month) = (count / 12, count % 12 + 1)
        let first = try #require(calendar.date(from: DateComponents(year: parts.year, month: parts.month, day: 1)))
        let days = try #require(calendar.range(of: .day, in: .month, for: first))
        parts.day = min(parts.day ?? 0, days.count)
        return try #require(calendar.date(from: parts))
    }

    @Test("Whole units between two times are counted as Foundation counts them", arguments: seeds)
    func counting(seed: UInt64) throws {
        var random = SplitMix64(state: seed)
        let calendar = Self.calendar(try #require(TimeZone(identifier: "GMT")))
        let units: [(TimeUnit, Calendar.Component)] = [
            (.years, .year), (.months, .month), (.days, .day), (.hours, .hour), (.minutes, .minute),
        ]
        for _ in 0..<3000 {
            let pair = [
                Int64.random(in: Self.instants, using: &random), Int64.random(in: Self.instants, using: &random),
            ]
            let (one, other) = (pair.min()! / 1000 * 1000, pair.max()! / 1000 * 1000)
            // From days that every month has, for the same reason as above.
            let isEverywhere = LocalDateTime(milliseconds: one).date.day <= 28
            for (unit, component) in units where isEverywhere || ![.years, .months].contains(unit) {
                let counted = unit.count(
                    from: LocalDateTime(milliseconds: one), to: LocalDateTime(milliseconds: other))
                let parts = calendar.dateComponents([component], from: Self.date(one), to: Self.date(other))
                #expect(parts.value(for: component) == Int(counted), "seed \(seed): \(one) to \(other) in \(unit)")
            }
        }
    }

    @Test("A leap day is followed by the last of February in other years", arguments: (476...524).map { $0 * 4 })
    func leapDays(year: Int) throws {
        let day = try #require(LocalDate(year: year, month: 2, day: 29))
        let start = DateTime(local: LocalDateTime(date: day, millisecondOfDay: 3_600_000), zone: .utc)
        let calendar = Self.calendar(try #require(TimeZone(identifier: "GMT")))
        for years in [-4, -1, 1, 2, 3, 4] {
            let moved = try #require(TimeUnit.years.added(Int64(years), to: start))
            let date = try #require(calendar.date(byAdding: .year, value: years, to: Self.date(start.instant)))
            #expect(moved.instant == Self.instant(date), "\(year) and \(years) years")
        }
        #expect(ISO8601.parseDate("\(year)-02-29") == day)
        #expect(ISO8601.parseDate("\(year + 1)-02-29") == nil)
    }
}
