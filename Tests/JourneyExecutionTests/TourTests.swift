import Engine
import Expressions
import Models
import Testing

@testable import JourneyExecution

@Suite("A tour over many people")
struct TourTests {
    private static let move = VersionMove(id: "m-1", journey: "welcome", from: 1, to: 2, nodes: ["rest"])
    private static let run = AudienceRun(
        id: "sale:1:17", journey: "sale", version: 1, eventName: "priceDropped", event: ["price": 3])

    static let tours: [Tour] = {
        var moving = Tour(
            .move(move, .init(entered: 40, member: "crmId:a 4f", moved: 3, failed: 1)), cause: "move-m-1",
            ratePerSecond: nil, since: 1_000)
        moving.came(4)
        return [
            moving, Tour(.resume(journey: "welcome"), cause: "resume-1", ratePerSecond: 0.25, since: 7),
            Tour(
                .admit(run, .init(member: "crmId:a", admitted: 2, refused: 1)), cause: "c", ratePerSecond: 5, since: 9),
            Tour(
                .admit(AudienceRun(id: "r", journey: "sale", version: 1), .init()), cause: "c", ratePerSecond: nil,
                since: 9),
        ]
    }()

    @Test("It is read from the state as it was written", arguments: tours)
    func state(tour: Tour) {
        #expect(Tour(field: tour.field, text: tour.text) == tour)
    }

    @Test(
        "Other fields are none", arguments: ["walk:1:welcome", "tour:resume", "tour:other:x", "revision", "tours"])
    func otherFields(field: String) {
        #expect(Tour(field: field, text: #"{"journey":"a","since":1}"#) == nil)
    }

    @Test("At a rate it comes to so many a second, and to the first of them at different times")
    func rate() {
        var tour = Tour(.resume(journey: "a"), cause: "c", ratePerSecond: 2, since: 1_000)
        #expect(tour.allowance(at: 1_000, phase: 0, most: 100) == 0)
        #expect(tour.nextTurn(phase: 0) == 1_500)
        #expect(tour.nextTurn(phase: 0.5) == 1_250)
        #expect(tour.allowance(at: 1_500, phase: 0, most: 100) == 1)
        tour.came(18)
        #expect(tour.allowance(at: 11_000, phase: 0, most: 100) == 2)
        #expect(tour.allowance(at: 11_000, phase: 0, most: 1) == 1)
        tour.came(2)
        #expect(tour.allowance(at: 11_000, phase: 0, most: 100) == 0)
        #expect(tour.nextTurn(phase: 0) == 11_500)
    }

    @Test("What it missed while nobody worked on it it makes up for by a second's worth", arguments: [0.2, 1, 5, 500])
    func arrears(rate: Double) {
        var tour = Tour(.resume(journey: "a"), cause: "c", ratePerSecond: rate, since: 1_000)
        tour.forgiveArrears(at: 1_000, phase: 0.5)
        #expect(tour.since == 1_000, "it is not behind")
        let now: Int64 = 3_600_000
        let allowed = tour.allowance(at: now, phase: 0.5, most: 10_000)
        #expect(allowed == Int(max(1, rate)))
        tour.forgiveArrears(at: now, phase: 0.5)
        tour.came(allowed)
        #expect(tour.allowance(at: now, phase: 0.5, most: 10_000) == 0)
        #expect(tour.nextTurn(phase: 0.5) <= now + Int64(1_000 / rate) + 1)
    }

    @Test("Without a rate it comes to as many as may be, unless it waits for something")
    func unlimited() {
        var tour = Tour(.resume(journey: "a"), cause: "c", ratePerSecond: nil, since: 1_000)
        #expect(tour.allowance(at: 1_000, phase: 0, most: 200) == 200)
        tour.notBefore = 3_000
        #expect(tour.allowance(at: 2_999, phase: 0, most: 200) == 0)
        #expect(tour.nextTurn(phase: 0) == 3_000)
    }

    @Test("A rate that is all but none never overflows")
    func smallest() {
        let tour = Tour(.resume(journey: "a"), cause: "c", ratePerSecond: 1e-300, since: 1_000)
        #expect(tour.nextTurn(phase: 0) == .max)
        #expect(tour.allowance(at: .max / 2, phase: 0, most: 10) == 0)
    }

    @Test("What is over is remembered, the newest of it")
    func log() {
        var log = TourLog()
        for number in 0..<(TourLog.countMax + 5) {
            let run = AudienceRun(id: "r\(number)", journey: "sale", version: 1)
            log.add(Tour(.admit(run, .init(admitted: 1)), cause: "c", ratePerSecond: nil, since: 0))
        }
        let read = TourLog(text: log.text)
        #expect(read.entries.count == TourLog.countMax)
        #expect(read.contains("tour:run:r\(TourLog.countMax + 4)") && !read.contains("tour:run:r0"))
        #expect(TourLog(text: "nonsense").entries.isEmpty)
    }
}

extension Tour {
    /// It came to so many people.
    fileprivate mutating func came(_ count: Int) {
        let stop = TourPiece.Stop(member: "crmId:a 4f", score: 40, version: 1, stimulus: nil)
        for _ in 0..<count { note(stop, output: nil) }
    }
}

@Suite("The schedule of an audience")
struct RunScheduleTests {
    private func entry(_ schedule: JourneyNode.ReadAudience.Schedule, zone: String = "UTC") throws -> RunSchedule.Entry
    {
        RunSchedule.Entry(
            journey: "sale", version: 1, schedule: schedule, zone: try #require(Zone(identifier: zone)),
            publishedAt: 1_000)
    }

    @Test("Now is once, when it was published")
    func now() throws {
        let entry = try entry(.now)
        #expect(entry.due(after: nil, by: 5_000) == 1_000)
        #expect(entry.due(after: 1_000, by: 5_000) == nil)
    }

    @Test("A time is once, by the clocks of the zone")
    func at() throws {
        let entry = try entry(.at("2026-05-01T09:00:00"), zone: "Europe/Paris")
        let time = try #require(ISO8601.parseDateTime("2026-05-01T07:00:00Z")?.instant)
        #expect(entry.due(after: nil, by: time - 1) == nil)
        #expect(entry.due(after: nil, by: time) == time)
        #expect(entry.due(after: time, by: time + 1) == nil)
    }

    @Test("A time that was past at publication is no run; one that came while no engine was there is made up for")
    func pastTime() throws {
        let past = try entry(.at("1970-01-01T00:00:00.999Z"))
        #expect(past.due(after: nil, by: 5_000) == nil)
        let planned = try entry(.at("1970-01-01T00:00:01Z"))
        #expect(planned.due(after: nil, by: 999) == nil)
        // Three weeks later.
        #expect(planned.due(after: nil, by: 1_814_400_000) == 1_000)
        #expect(planned.due(after: 1_000, by: 1_814_400_000) == nil)
    }

    @Test("Times that were missed are made up for by one run, the latest")
    func cron() throws {
        let entry = try entry(.cron("*/10 * * * *"))
        #expect(entry.due(after: nil, by: 600_000 - 1) == nil)
        #expect(entry.due(after: nil, by: 600_000) == 600_000)
        #expect(entry.due(after: 600_000, by: 4_000_000) == 3_600_000)
        #expect(entry.due(after: 3_600_000, by: 4_000_000) == nil)
    }
}
