import Engine
import Expressions
import Models
import Testing

@Suite("A cron expression")
struct CronExpressionTests {
    private func due(_ text: String, after: String, zone: String = "UTC", count: Int = 1) throws -> [String] {
        let cron = try CronExpression(text)
        let zone = try #require(Zone(identifier: zone))
        var instant = try #require(ISO8601.parseDateTime(after)?.instant)
        var found: [String] = []
        for _ in 0..<count {
            guard let next = cron.next(after: instant, in: zone) else { break }
            found.append(String(Timestamp.text(next).prefix(16)))
            instant = next
        }
        return found
    }

    @Test(
        "The next moment is the first after, never the same",
        arguments: [
            ("0 9 * * *", "2026-01-01T08:59:59Z", "2026-01-01T09:00"),
            ("0 9 * * *", "2026-01-01T09:00:00Z", "2026-01-02T09:00"),
            ("*/15 * * * *", "2026-01-01T09:07:00Z", "2026-01-01T09:15"),
            ("5-20/15 8-10 * * *", "2026-01-01T10:20:00Z", "2026-01-02T08:05"),
            ("0 0 1 * *", "2026-01-01T00:00:00Z", "2026-02-01T00:00"),
            ("30 7 * * mon", "2026-01-01T00:00:00Z", "2026-01-05T07:30"),
            ("30 7 * * 7", "2026-01-01T00:00:00Z", "2026-01-04T07:30"),
            ("30 7 * * 0", "2026-01-01T00:00:00Z", "2026-01-04T07:30"),
            ("0 12 29 feb *", "2026-01-01T00:00:00Z", "2028-02-29T12:00"),
            ("0 12 13 * fri", "2026-01-01T00:00:00Z", "2026-01-02T12:00"),
            ("0 12 */2 * *", "2026-01-01T13:00:00Z", "2026-01-03T12:00"),
            ("59 23 31 12 *", "2026-12-31T23:59:00Z", "2027-12-31T23:59"),
            ("0 0 1,15 JAN,Jul *", "2026-01-15T00:00:00Z", "2026-07-01T00:00"),
        ])
    func next(text: String, after: String, expected: String) throws {
        #expect(try due(text, after: after) == [expected])
    }

    @Test("A moment that the clocks skip is due when the gap is over, and once")
    func gap() throws {
        let moments = try due("30 2 * * *", after: "2026-03-28T12:00:00Z", zone: "Europe/Paris", count: 2)
        #expect(moments == ["2026-03-29T01:30", "2026-03-30T00:30"])
        let both = try due("0,30 2,3 * * *", after: "2026-03-28T12:00:00Z", zone: "Europe/Paris", count: 3)
        #expect(both == ["2026-03-29T01:00", "2026-03-29T01:30", "2026-03-30T00:00"])
    }

    @Test("A moment that the clocks repeat is due once")
    func overlap() throws {
        let moments = try due("30 2 * * *", after: "2026-10-24T12:00:00Z", zone: "Europe/Paris", count: 2)
        #expect(moments == ["2026-10-25T00:30", "2026-10-26T01:30"])
    }

    @Test(
        "What goes on within the hour goes on through an hour that is repeated, and is not moved out of one that is skipped",
        arguments: ["*/15 * * * *", "*/7 * * * *", "0 * * * *", "5,35 * * * *", "* * * * *", "30 */1 * * *"],
        [
            "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "America/St_Johns", "America/Havana",
            "Africa/Cairo", "Asia/Beirut", "Atlantic/Azores", "Pacific/Chatham", "America/Santiago", "Asia/Kolkata",
        ])
    func throughChanges(text: String, zoneName: String) throws {
        let cron = try CronExpression(text)
        let zone = try #require(Zone(identifier: zoneName))
        let minutes = try Self.minutes(text)
        let start = try #require(ISO8601.parseDateTime("2026-01-01T00:00:00Z")?.instant)
        var changes = 0
        for hour in Int64(0)..<8_760 {
            let instant = start + hour * 3_600_000
            guard zone.offsetMilliseconds(at: instant) != zone.offsetMilliseconds(at: instant + 3_600_000) else {
                continue
            }
            changes += 1
            // Every minute of a day and a half around, by what the clocks show then.
            let from = instant - 64_800_000
            let wanted = stride(from: from + 60_000, through: instant + 64_800_000, by: 60_000).filter {
                minutes.contains(zone.local(of: $0).minute)
            }
            var found: [Int64] = []
            var place = from
            while found.count < wanted.count, let next = cron.next(after: place, in: zone) {
                found.append(next)
                place = next
            }
            #expect(found == wanted, "around \(Timestamp.text(instant))")
        }
        #expect(changes == (zoneName == "Asia/Kolkata" ? 0 : 2))
    }

    /// The minutes of the hour that the first field names.
    private static func minutes(_ text: String) throws -> Set<Int> {
        let field = try #require(text.split(separator: " ").first)
        if field == "*" { return Set(0..<60) }
        if field.hasPrefix("*/") { return Set(stride(from: 0, to: 60, by: try #require(Int(field.dropFirst(2))))) }
        return Set(field.split(separator: ",").compactMap { Int($0) })
    }

    /// Expression, zone, from when, and the moments that follow.
    static let changes: [(String, String, String, [String])] = [
        (
            "*/30 2 * * *", "Europe/Paris", "2026-10-24T12:00:00Z",
            ["2026-10-25T00:00", "2026-10-25T00:30", "2026-10-25T01:00", "2026-10-25T01:30", "2026-10-26T01:00"]
        ),
        (
            "0,30 2 * * *", "Europe/Paris", "2026-10-24T12:00:00Z",
            ["2026-10-25T00:00", "2026-10-25T00:30", "2026-10-26T01:00"]
        ),
        ("*/30 2 * * *", "Europe/Paris", "2026-03-28T12:00:00Z", ["2026-03-29T01:00", "2026-03-29T01:30", "2026-03-30T00:00"]),
        ("30 1 * * *", "America/New_York", "2026-11-01T00:00:00Z", ["2026-11-01T05:30", "2026-11-02T06:30"]),
        ("0 */2 * * *", "Europe/Paris", "2026-10-24T22:30:00Z", ["2026-10-25T00:00", "2026-10-25T03:00"]),
        (
            "*/30 * * * *", "Australia/Lord_Howe", "2026-04-04T14:00:00Z",
            ["2026-04-04T14:30", "2026-04-04T15:00", "2026-04-04T15:30", "2026-04-04T16:00"]
        ),
        ("*/20 * * * *", "Australia/Lord_Howe", "2026-10-03T14:50:00Z", ["2026-10-03T15:10", "2026-10-03T15:40"]),
        ("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T14:50:00Z", ["2026-10-03T15:45", "2026-10-04T15:15"]),
    ]

    @Test("A named hour that is skipped is made up for, and one that is repeated comes once, but for steps", arguments: changes)
    func namedHours(text: String, zone: String, after: String, moments: [String]) throws {
        #expect(try due(text, after: after, zone: zone, count: moments.count) == moments)
    }

    @Test("A day of each minute is gone through quickly")
    func quick() throws {
        let cron = try CronExpression("* * * * *")
        let zone = try #require(Zone(identifier: "Europe/Paris"))
        var place = try #require(ISO8601.parseDateTime("2026-06-01T00:00:00Z")?.instant)
        let took = try ContinuousClock().measure {
            for _ in 0..<2_000 { place = try #require(cron.next(after: place, in: zone)) }
        }
        #expect(took < .seconds(5))
    }

    @Test("There is no next moment of a day that never comes")
    func never() throws {
        #expect(try due("0 0 30 feb *", after: "2026-01-01T00:00:00Z") == [])
    }

    @Test(
        "What is wrong is said in a sentence, with what was written",
        arguments: [
            ("0 9 L * *", "the day L is not from 1 to 31"), ("0 9 * * 5L", "the weekday 5L is not from 0 to 7"),
            ("0 9 * * Fri-Mon", "the weekday Fri-Mon ends before it begins"),
            ("*/0 * * * *", "the minute */0 has no step from 1 to 59"),
            ("@daily", "it must have five fields, minute hour day month weekday, and has 1"),
            ("0 0 9 * * *", "it must have five fields, minute hour day month weekday, and has 6"),
            ("0 9 * FOO *", "the month FOO is not from 1 to 12"), ("1,,2 * * * *", "the minute has an empty part"),
            ("/5 * * * *", "the minute has an empty part"),
        ])
    func sentences(text: String, message: String) {
        #expect {
            try CronExpression(text)
        } throws: { error in
            (error as? CronExpression.Malformed)?.message == message
        }
    }

    @Test(
        "A text that is none says what is wrong",
        arguments: [
            ("", "five fields"), ("* * * *", "five fields"), ("60 * * * *", "minute"), ("* 24 * * *", "hour"),
            ("* * 0 * *", "day"), ("* * * 13 *", "month"), ("* * * * 8", "weekday"), ("5-1 * * * *", "ends before"),
            ("*/0 * * * *", "step"), ("1,,2 * * * *", "minute"), ("+1 * * * *", "minute"), ("a * * * *", "minute"),
            ("- * * * *", "minute"), ("1- * * * *", "minute"), ("* * * foo *", "month"),
            (String(repeating: "1,", count: 200), "bytes"),
        ])
    func malformed(text: String, expected: String) {
        #expect {
            try CronExpression(text)
        } throws: { error in
            (error as? CronExpression.Malformed)?.message.contains(expected) == true
        }
    }
}
