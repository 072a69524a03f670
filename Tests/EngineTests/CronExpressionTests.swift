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
            ("0 0 1,15 jan,jul *", "2026-01-15T00:00:00Z", "2026-07-01T00:00"),
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

    @Test("There is no next moment of a day that never comes")
    func never() throws {
        #expect(try due("0 0 30 feb *", after: "2026-01-01T00:00:00Z") == [])
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
