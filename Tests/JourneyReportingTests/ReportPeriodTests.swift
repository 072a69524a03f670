import Models
import Testing

@testable import JourneyReporting

@Suite("The time of a report")
struct ReportPeriodTests {
    /// 2026-01-10T12:34:56Z
    private static let now: Int64 = 1_768_048_496_000
    private static let minute: Int64 = 60_000
    private static let hour: Int64 = 3_600_000

    private func period(_ from: Int64?, _ to: Int64?, _ interval: Int64? = nil) throws -> ReportPeriod {
        try ReportPeriod(from: from, to: to, intervalMilliseconds: interval, now: Self.now)
    }

    @Test("It is the last day by default, and begins and ends with whole minutes")
    func minutes() throws {
        let period = try period(nil, nil)
        #expect(period.minutes.upperBound == Self.now / Self.minute + 1)
        #expect(period.minutes.count / 60 == 24)
        let short = try self.period(Self.now - 90_001, Self.now - 30_000, Self.minute)
        #expect(short.minutes.count == 2 && short.interval == 1)
    }

    @Test("Where counts are kept by hours it begins and ends with whole hours")
    func hours() throws {
        let period = try period(Self.now - 50 * Self.hour, Self.now - 48 * Self.hour)
        #expect(period.minutes.lowerBound % 60 == 0 && period.minutes.upperBound % 60 == 0)
        #expect(period.minutes.count == 180)
        #expect(period.interval % 60 == 0)
    }

    @Test(
        "What no report can be made of is said, with the parameter",
        arguments: [
            (0, 0, nil, "/to"), (-1, -2, nil, "/to"), (-3_600_000, 0, 59_999, "/interval"),
            (-3_600_000, 0, 90_000, "/interval"), (-3_600_000, 0, -60_000, "/interval"),
            (-30 * 86_400_000, 0, 60_000, "/interval"), (-420 * 86_400_000, 0, 3_600_000, "/interval"),
        ] as [(Int64, Int64, Int64?, String)])
    func refused(from: Int64, to: Int64, interval: Int64?, path: String) {
        let refused = #expect(throws: RefusedPeriod.self) {
            try period(Self.now + from, Self.now + to, interval)
        }
        #expect(refused?.path == path)
    }

    @Test("Ten thousand buckets are answered, one more is not, and the least interval is named")
    func buckets() throws {
        let from = Self.now / Self.hour * Self.hour - 10_000 * Self.hour
        let to = Self.now / Self.hour * Self.hour
        #expect(try period(from, to, Self.hour).interval == 60)
        let refused = #expect(throws: RefusedPeriod.self) { try period(from - 1, to, Self.hour) }
        #expect(refused?.message.contains("10001 buckets") == true && refused?.message.contains("PT2H") == true)
    }
}
