import JSONSchema
import Models
import Testing

@testable import Expressions

/// What the format `date-time` of a schema lets in, and what expressions read: the same texts.
@Suite("A date-time at the door and in an expression")
struct DoorTests {
    /// A text, and the instant that it is; nil where it is refused by both.
    static let texts: [(String, String?)] = [
        ("2026-01-31T09:30:00Z", "2026-01-31T09:30:00Z"), ("2026-01-31t09:30:00z", "2026-01-31T09:30:00Z"),
        ("2026-01-31T09:30:00.5Z", "2026-01-31T09:30:00.500Z"),
        ("2026-01-31T09:30:00.123456789Z", "2026-01-31T09:30:00.123Z"),
        ("2026-01-31T09:30:00.1234567890123456789012345Z", "2026-01-31T09:30:00.123Z"),
        ("2026-01-31T09:30:00.000000000000000000000001+00:00", "2026-01-31T09:30:00Z"),
        ("2026-01-31T09:30:00-00:00", "2026-01-31T09:30:00Z"),
        ("2026-01-31T09:30:00+23:59", "2026-01-30T09:31:00Z"), ("2026-01-31T09:30:00-23:59", "2026-02-01T09:29:00Z"),
        ("2026-01-31T09:30:00+18:01", "2026-01-30T15:29:00Z"), ("2026-01-31T09:30:00-19:30", "2026-02-01T05:00:00Z"),
        ("2026-01-31T09:30:00+24:00", nil), ("2026-01-31T09:30:00+23:60", nil), ("2026-01-31T09:30:00+1:00", nil),
        // A leap second is the last millisecond of its minute, wherever the clocks stand then.
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.999Z"), ("2016-12-31T23:59:60.75Z", "2016-12-31T23:59:59.999Z"),
        ("2016-12-31T15:59:60-08:00", "2016-12-31T23:59:59.999Z"),
        ("2017-01-01T05:29:60+05:30", "2016-12-31T23:59:59.999Z"),
        ("2016-12-31T00:00:60-23:59", "2016-12-31T23:59:59.999Z"),
        ("2016-12-31T23:58:60Z", nil), ("2016-12-31T22:59:60Z", nil), ("2016-12-31T23:59:60+01:00", nil),
        ("2016-12-31T23:59:61Z", nil),
        // From the first to the last instant that has a year of four digits in UTC.
        ("9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999Z"), ("9999-12-31T23:59:60Z", "9999-12-31T23:59:59.999Z"),
        ("9999-12-31T23:59:59+23:59", "9999-12-31T00:00:59Z"), ("9999-12-31T22:59:59-01:00", "9999-12-31T23:59:59Z"),
        ("9999-12-31T23:00:00-01:00", nil), ("9999-12-31T23:59:59-23:59", nil), ("9999-12-30T23:59:59-23:59", "9999-12-31T23:58:59Z"),
        ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z"), ("0000-01-01T00:00:00-23:59", "0000-01-01T23:59:00Z"),
        ("0000-01-01T01:00:00+01:00", "0000-01-01T00:00:00Z"), ("0000-01-01T00:59:59.999+01:00", nil),
        ("0000-01-01T00:00:00+23:59", nil), ("0000-01-02T00:00:00+23:59", "0000-01-01T00:01:00Z"),
        ("0000-02-29T12:00:00Z", "0000-02-29T12:00:00Z"), ("0001-01-01T00:00:00+23:59", "0000-12-31T00:01:00Z"),
        ("10000-01-01T00:00:00Z", nil), ("-001-01-01T00:00:00Z", nil), ("+2026-01-31T09:30:00Z", nil),
        ("2026-01-31T24:00:00Z", nil), ("2026-01-31T09:60:00Z", nil), ("2026-02-29T09:30:00Z", nil),
        ("2026-13-01T09:30:00Z", nil), ("2026-00-01T09:30:00Z", nil), ("2026-01-00T09:30:00Z", nil),
        ("2026-01-31 09:30:00Z", nil), ("2026-01-31T09:30:00.Z", nil), ("2026-01-31T09:30:00", nil),
        ("2026-01-31", nil), ("", nil), ("2026-01-31T09:30:00Z ", nil), ("2026-01-31T09:30:00ZZ", nil),
    ]

    @Test("Each is let in and read, or refused by both", arguments: texts)
    func sameTexts(text: String, instant: String?) throws {
        let schema = try CompiledSchema(["type": "string", "format": "date-time"])
        #expect(schema.validate(.string(text)).isEmpty == (instant != nil), "the door")
        #expect(ISO8601.parseDateTime(text).map { ISO8601.write(instant: $0.instant) } == instant, "the reader")
        let shown = try World.outcome("toString(toDateTime(\"\(text)\"))")
        #expect(shown == (instant.map { "\"\($0)\"" } ?? "null"), "the expression")
        guard let instant else { return }
        #expect(try World.outcome("toString(date(\"\(text)\"))") == "\"\(instant)\"")
    }

    @Test("Random texts near the rules' edges are let in and read, or refused by both", arguments: [UInt64(20_260_201), UInt64.random(in: 0...UInt64.max)])
    func randomTexts(seed: UInt64) throws {
        var random = SplitMix64(state: seed)
        let schema = try CompiledSchema(["type": "string", "format": "date-time"])
        let days = ["0000-01-01", "0000-01-02", "0000-12-31", "9999-12-30", "9999-12-31", "2016-12-31", "2017-01-01", "2000-02-29"]
        let minutes = ["00:00", "00:01", "12:30", "22:59", "23:58", "23:59"]
        let seconds = ["00", "59", "60", "59.9999999999", "60.5"]
        let offsets = ["Z", "z", "+00:00", "-00:01", "+01:00", "-01:00", "+23:59", "-23:59", "+14:00", "-12:00", "+18:00"]
        var taken = 0
        for _ in 0..<5_000 {
            func one(_ texts: [String]) -> String { texts.randomElement(using: &random) ?? "" }
            let text = one(days) + one(["T", "t"]) + one(minutes) + ":" + one(seconds) + one(offsets)
            let isLetIn = schema.validate(.string(text)).isEmpty
            #expect(isLetIn == (ISO8601.parseDateTime(text) != nil), "seed \(seed): \(text)")
            taken += isLetIn ? 1 : 0
        }
        #expect(taken > 1_000)
    }

    static let farTimes = ["0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "9999-12-31T00:00:59+23:59", "0000-01-01T23:59:00-23:59"]
    static let zones = ["UTC", "Pacific/Kiritimati", "Etc/GMT+12", "Europe/Paris", "+18:00", "-18:00"]
    static let calls = [
        "toString(TIME)", "TIME", "toDateOnly(TIME)", "toDateTimeOnly(TIME)", "setHours(TIME, 0)", "setHours(TIME, 23)",
        "setDays(TIME, 1)", "setDays(TIME, 31)", "getYear(TIME)", "getHour(TIME)", "getDayOfWeek(TIME)", "getMonth(TIME)",
        #"formatDate(TIME, "yyyy-MM-dd'T'HH:mm:ss.SSS")"#, #"TIME + toDuration("PT1S")"#, #"TIME - toDuration("P400D")"#,
        #"TIME + toDuration(9223372036854775807)"#, #"TIME - toDuration("-P1D")"#, #"TIME - date("0000-01-01T00:00:00Z")"#,
        #"dateDiff(TIME, date("9999-12-31T23:59:59.999Z"), "months")"#, #"dateDiff(date("0000-01-01T00:00:00Z"), TIME, "years")"#,
        #"dateDiff(TIME, now(), "days")"#, #"dateDiff(now(), TIME, "seconds")"#, "inLastYears(TIME, 9223372036854775807)",
        "inNextMonths(TIME, -9223372036854775807)", "toInteger(TIME)", "toDateTime(toInteger(TIME))", "TIME == now()",
        #"toDateTime("Pacific/Kiritimati", toDateTimeOnly(toString(TIME)))"#,
    ]

    @Test("At both ends of time nothing traps, and what is written can be read again", arguments: farTimes, zones)
    func ends(text: String, zone: String) throws {
        for call in Self.calls {
            let expression = call.replacing("TIME", with: "updateTimeZone(date(\"\(text)\"), \"\(zone)\")")
                .replacing("updateTimeZone(date(\"\(text)\"), \"UTC\")", with: "date(\"\(text)\")")
            let outcome = try World.outcome(expression)
            #expect(!outcome.hasPrefix("refused"), "\(expression): \(outcome)")
            guard let value = try? World.evaluate(expression) else { continue }
            switch value {
            case .dateTime(let time): #expect(ISO8601.parseDateTime(ISO8601.write(time))?.instant == time.instant)
            case .dateTimeOnly(let time): #expect(ISO8601.parseLocalDateTime(ISO8601.write(time)) == time)
            case .dateOnly(let date): #expect(ISO8601.parseDate(ISO8601.write(date)) == date)
            default: break
            }
        }
    }
}
