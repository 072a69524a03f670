extension FunctionTable {
    static let date: [FunctionEntry] =
        nowFunctions + withinFunctions + changingFunctions + readingFunctions

    private static let nowFunctions: [FunctionEntry] = [
        FunctionEntry(
            "currentTimeInMillis", .date, [Signature([:], .integer)],
            "Gives the milliseconds since 1970-01-01T00:00Z.", example: "currentTimeInMillis()", result: nil,
            dependence: .time
        ) { (_, run) throws(FunctionFailure) in
            .integer(run.context.now)
        },
        FunctionEntry(
            "now", .date, [Signature([:], .dateTime), Signature(["zone": .zone], .dateTime)],
            "Gives the current instant, in the zone of the journey or the one that is named.",
            example: "now(\"Europe/Paris\") == now()", result: "true", dependence: .time
        ) { (arguments, run) throws(FunctionFailure) in
            .dateTime(try now(arguments, zoneAt: 0, run))
        },
        FunctionEntry(
            "nowWithDelta", .date,
            [Signature(["count": .integer, "unit": .timeUnit, "zone?": .zone], .dateTime)],
            "Gives the instant that is so many years, months, days, hours, minutes or seconds from now; a day that the "
                + "month does not have becomes its last.",
            example: "nowWithDelta(-2, \"hours\") < now()", result: "true", dependence: .time
        ) { (arguments, run) throws(FunctionFailure) in
            .dateTime(try moved(try now(arguments, zoneAt: 2, run), try unit(arguments, 1), try arguments.integer(0)))
        },
    ]

    private static let withinFunctions: [FunctionEntry] = [TimeUnit.hours, .days, .months, .years].flatMap { unit in
        let word = unit.rawValue.prefix(1).uppercased() + unit.rawValue.dropFirst()
        let form = Signature(["time": .dateTime, "count": .integer], .boolean)
        return [
            FunctionEntry(
                "inLast\(word)", .date, [form],
                "Tells whether an instant is not after now and at most so many \(unit.rawValue) before it.",
                example: "inLast\(word)(now(), 1)", result: "true", dependence: .time
            ) { (arguments, run) throws(FunctionFailure) in
                let now = try now(arguments, zoneAt: 2, run)
                let count = try arguments.integer(1)
                let start = bound(now, unit, count == .min ? .max : -count)
                let instant = try arguments.dateTime(0).instant
                return .boolean(instant >= start && instant <= now.instant)
            },
            FunctionEntry(
                "inNext\(word)", .date, [form],
                "Tells whether an instant is not before now and at most so many \(unit.rawValue) after it.",
                example: "inNext\(word)(nowWithDelta(2, \"\(unit.rawValue)\"), 1)", result: "false", dependence: .time
            ) { (arguments, run) throws(FunctionFailure) in
                let now = try now(arguments, zoneAt: 2, run)
                let end = bound(now, unit, try arguments.integer(1))
                let instant = try arguments.dateTime(0).instant
                return .boolean(instant >= now.instant && instant <= end)
            },
        ]
    }

    private static let changingFunctions: [FunctionEntry] = [
        FunctionEntry(
            "setHours", .date,
            [.dateTime, .one(.dateTimeOnly)].map { Signature(["time": $0, "hour": .integer], .sameAs(0)) },
            "Gives the time at another hour of the same day, in its own zone.",
            example: "setHours(date(\"2021-02-19T08:15:00Z\"), 4)", result: "\"2021-02-19T04:15:00Z\""
        ) { (arguments, _) throws(FunctionFailure) in
            let hour = try arguments.integer(1)
            guard (0...23).contains(hour) else { throw FunctionFailure(.outOfRange, "Hours go from 0 to 23.") }
            return try changed(arguments[0]) { local in
                LocalDateTime(milliseconds: local.milliseconds + (hour - Int64(local.hour)) * 3_600_000)
            }
        },
        FunctionEntry(
            "setDays", .date,
            [.dateTime, .one(.dateTimeOnly)].map { Signature(["time": $0, "dayOfMonth": .integer], .sameAs(0)) },
            "Gives the time on another day of the same month, in its own zone.",
            example: "setDays(date(\"2021-02-19T08:15:00\"), 1)", result: "\"2021-02-01T08:15:00\""
        ) { (arguments, _) throws(FunctionFailure) in
            let day = try arguments.integer(1)
            return try changed(arguments[0]) { local in
                let (year, month, _) = local.date.civil
                guard (1...31).contains(day), let date = LocalDate(year: year, month: month, day: Int(day)) else {
                    return nil
                }
                return LocalDateTime(date: date, millisecondOfDay: local.millisecondOfDay)
            }
        },
        FunctionEntry(
            "updateTimeZone", .date, [Signature(["time": .dateTime, "zone": .zone], .dateTime)],
            "Gives the same instant in another zone.",
            example: "updateTimeZone(date(\"2021-02-19T08:00:00Z\"), \"Europe/Paris\")",
            result: "\"2021-02-19T09:00:00+01:00\""
        ) { (arguments, _) throws(FunctionFailure) in
            .dateTime(DateTime(instant: try arguments.dateTime(0).instant, zone: try arguments.zone(1)))
        },
        FunctionEntry(
            "dateDiff", .date,
            [.dateTime, .one(.dateTimeOnly), .one(.dateOnly)].map {
                Signature(["from": $0, "to": $0, "unit": .timeUnit], .integer)
            },
            "Counts the whole units from one time to another; negative where the second is earlier. Between instants "
                + "hours, minutes and seconds are those that pass; days, months and years are those of the calendar in "
                + "the zone of both, or in the journey's where their zones differ.",
            example: "dateDiff(date(\"2021-01-31\"), date(\"2021-03-01\"), \"months\")", result: "1",
            dependence: .zone
        ) { (arguments, run) throws(FunctionFailure) in
            let unit = try unit(arguments, 2)
            guard case .dateTime(let one) = arguments[0], case .dateTime(let other) = arguments[1] else {
                return .integer(unit.count(from: try local(arguments, 0), to: try local(arguments, 1)))
            }
            return .integer(unit.count(from: one, to: other, zone: run.context.zone))
        },
    ]

    private static let readingFunctions: [FunctionEntry] = [
        reading("getHour", "the hour, 0 to 23", "8", [.dateTime, .one(.dateTimeOnly)]) { $0.hour },
        reading("getDay", "the day of the month, 1 to 31", "19") { $0.date.day },
        reading("getMonth", "the month, 1 to 12", "2") { $0.date.month },
        reading("getYear", "the year", "2021") { $0.date.year },
        reading("getDayOfWeek", "the day of the week, 1 for Monday to 7 for Sunday", "5") { $0.date.dayOfWeek },
        FunctionEntry(
            "formatDate", .date,
            [
                Signature(["time": .dateTime, "pattern": .string, "zone?": .zone], .string),
                Signature(["time": .date, "pattern": .string], .string),
            ],
            "Writes a time by a pattern of the letters y M d E H h m s S a and texts in single quotes, in English.",
            example: "formatDate(date(\"2021-02-19T08:05:00Z\"), \"EEEE, d MMMM yyyy HH:mm\")",
            result: "\"Friday, 19 February 2021 08:05\""
        ) { (arguments, _) throws(FunctionFailure) in
            let pattern = try arguments.string(1)
            guard let text = DatePattern.write(try local(arguments, 0, zoneAt: 2), by: pattern) else {
                throw FunctionFailure(.outOfRange, "The pattern has a letter without meaning or an open quote.")
            }
            return .string(text)
        },
    ]

    /// A function that reads one part of a time.
    private static func reading(
        _ name: String, _ what: String, _ result: String,
        _ patterns: [TypePattern] = [.dateTime, .one(.dateTimeOnly), .one(.dateOnly)],
        _ read: @escaping @Sendable (LocalDateTime) -> Int
    ) -> FunctionEntry {
        FunctionEntry(
            name, .date,
            [Signature(["time": .dateTime, "zone?": .zone], .integer)]
                + patterns.dropFirst().map { Signature(["time": $0], .integer) },
            "Gives \(what), in the zone that is named or the value's own.",
            example: "\(name)(date(\"2021-02-19T08:05:00Z\"))", result: result
        ) { (arguments, _) throws(FunctionFailure) in
            .integer(Int64(read(try local(arguments, 0, zoneAt: 1))))
        }
    }

    // MARK: Parts

    private static func now(
        _ arguments: Arguments, zoneAt place: Int, _ run: Run
    ) throws(FunctionFailure) -> DateTime {
        let zone = arguments.count > place ? try arguments.zone(place) : run.context.zone
        return DateTime(instant: run.context.now, zone: zone)
    }

    private static func unit(_ arguments: Arguments, _ place: Int) throws(FunctionFailure) -> TimeUnit {
        guard let unit = TimeUnit(rawValue: try arguments.string(place)) else {
            throw FunctionFailure(.outOfRange, "There is no such unit of time.")
        }
        return unit
    }

    /// The instant so many units away; beyond the years 0 to 9999 it is before or after everything.
    private static func bound(_ time: DateTime, _ unit: TimeUnit, _ count: Int64) -> Int64 {
        unit.added(count, to: time)?.instant ?? (count < 0 ? .min : .max)
    }

    private static func moved(
        _ time: DateTime, _ unit: TimeUnit, _ count: Int64
    ) throws(FunctionFailure) -> DateTime {
        guard let moved = unit.added(count, to: time) else {
            throw outsideYears
        }
        return moved
    }

    static var outsideYears: FunctionFailure {
        FunctionFailure(.outOfRange, "The time is outside the years 0 to 9999.")
    }

    /// A time with its calendar fields changed; the change gives nil where there is no such day.
    private static func changed(
        _ value: Value, _ change: (LocalDateTime) -> LocalDateTime?
    ) throws(FunctionFailure) -> Value {
        let local: LocalDateTime
        switch value {
        case .dateTime(let time): local = time.local
        case .dateTimeOnly(let time): local = time
        default: return .null
        }
        guard let changed = change(local) else { throw FunctionFailure(.outOfRange, "The month has no such day.") }
        guard case .dateTime(let time) = value else { return .dateTimeOnly(changed) }
        let moved = DateTime(local: changed, zone: time.zone)
        guard DateTime.instants.contains(moved.instant) else { throw outsideYears }
        return .dateTime(moved)
    }

    /// What calendar and clock show, of an instant in the zone that an optional argument names or its own.
    private static func local(
        _ arguments: Arguments, _ place: Int, zoneAt zonePlace: Int? = nil
    ) throws(FunctionFailure) -> LocalDateTime {
        switch arguments[place] {
        case .dateTime(let time):
            guard let zonePlace, arguments.count > zonePlace else { return try time.checkedLocal() }
            return try DateTime(instant: time.instant, zone: try arguments.zone(zonePlace)).checkedLocal()
        case .dateTimeOnly(let time): return time
        case .dateOnly(let date): return LocalDateTime(date: date)
        default: throw arguments.mismatch(place, "date")
        }
    }
}

extension DateTime {
    /// What calendar and clock of its zone show, which near the ends of time may be a year that cannot be written.
    func checkedLocal() throws(FunctionFailure) -> LocalDateTime {
        guard LocalDateTime.range.contains(local.milliseconds) else { throw FunctionTable.outsideYears }
        return local
    }
}
