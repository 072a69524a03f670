extension FunctionTable {
    static let conversion: [FunctionEntry] = [
        FunctionEntry(
            "toBool", .conversion,
            [.string, .boolean, .number].map { Signature(["value": $0], .boolean) },
            "Gives true for the string \"true\" alone, and for numbers that are not 0.", example: "toBool(\"true\")",
            result: "true"
        ) { (arguments, _) throws(FunctionFailure) in
            switch arguments[0] {
            case .string(let text): .boolean(text == "true")
            case .integer(let number): .boolean(number != 0)
            case .decimal(let number): .boolean(number != 0)
            default: arguments[0]
            }
        },
        FunctionEntry(
            "toDateOnly", .conversion,
            [.string, .date].map { Signature(["value": $0], .dateOnly) }
                + [Signature(["year": .integer, "month": .integer, "day": .integer], .dateOnly)],
            "Gives the date of an ISO 8601 text or of a time, in its own zone; null where there is no such date.",
            example: "toDateOnly(\"2021-02-19T08:00:00Z\")", result: "\"2021-02-19\""
        ) { (arguments, _) throws(FunctionFailure) in
            try dateOnly(arguments)
        },
        FunctionEntry(
            "toDateTime", .conversion,
            [
                Signature(["text": .string], .dateTime), Signature(["epochMilliseconds": .integer], .dateTime),
                Signature(["value": .dateTime], .dateTime),
                Signature(["zone": .zone, "local": .among([.dateTimeOnly, .dateOnly], called: "local")], .dateTime),
            ],
            "Gives the instant of an ISO 8601 text, of milliseconds since 1970, or of a local time in a zone; "
                + "null where the text is malformed.",
            example: "toDateTime(\"Europe/Paris\", date(\"2021-02-19T09:00:00\"))",
            result: "\"2021-02-19T09:00:00+01:00\""
        ) { (arguments, _) throws(FunctionFailure) in
            try dateTime(arguments)
        },
        FunctionEntry(
            "toDateTimeOnly", .conversion, [.string, .date].map { Signature(["value": $0], .dateTimeOnly) },
            "Gives date and time without zone, of an instant in its own zone; a date alone is its midnight; null where "
                + "the text is malformed.",
            example: "toDateTimeOnly(\"2021-02-19T08:00:00+01:00\")", result: "\"2021-02-19T08:00:00\""
        ) { (arguments, _) throws(FunctionFailure) in
            switch arguments[0] {
            case .string(let text): localDateTime(text).map(Value.dateTimeOnly) ?? .null
            case .dateTime(let time): .dateTimeOnly(try time.checkedLocal())
            case .dateOnly(let date): .dateTimeOnly(LocalDateTime(date: date))
            default: arguments[0]
            }
        },
        FunctionEntry(
            "toDecimal", .conversion, numbers.map { Signature(["value": $0], .decimal) },
            "Gives the number that a text writes, 1 or 0 for a boolean, milliseconds since 1970 for an instant; null "
                + "where the text is no number.",
            example: "toDecimal(\"3.25\")", result: "3.25"
        ) { (arguments, _) throws(FunctionFailure) in
            switch arguments[0] {
            case .string(let text): NumberText.decimal(text).map(Value.decimal) ?? .null
            case .boolean(let value): .decimal(value ? 1 : 0)
            case .dateTime(let time): .decimal(Double(time.instant))
            default: .decimal(try arguments.decimal(0))
            }
        },
        FunctionEntry(
            "toInteger", .conversion, numbers.map { Signature(["value": $0], .integer) },
            "Gives a whole number, cut off toward zero, of a number or of the text of one; 1 or 0 for a boolean, "
                + "milliseconds since 1970 for an instant; null where the text is no number.",
            example: "toInteger(-4.7)", result: "-4"
        ) { (arguments, _) throws(FunctionFailure) in
            switch arguments[0] {
            case .string(let text): NumberText.integer(text).map(Value.integer) ?? .null
            case .boolean(let value): .integer(value ? 1 : 0)
            case .dateTime(let time): .integer(time.instant)
            case .decimal(let value): try whole(value.rounded(.towardZero))
            default: arguments[0]
            }
        },
        FunctionEntry(
            "toDuration", .conversion,
            [.string, .integer, .one(.duration)].map { Signature(["value": $0], .duration) },
            "Gives the duration of an ISO 8601 text (days are 24 hours; no months, no years) or of milliseconds; null "
                + "where the text is malformed.",
            example: "toDuration(\"PT90M\")", result: "\"PT1H30M\""
        ) { (arguments, _) throws(FunctionFailure) in
            switch arguments[0] {
            case .string: arguments[0].conformed(to: .duration) ?? .null
            case .integer(let milliseconds): .duration(milliseconds: milliseconds)
            default: arguments[0]
            }
        },
        FunctionEntry(
            "toString", .conversion, [Signature(["value": .scalar], .string)],
            "Writes a value as text: an instant in UTC as ISO 8601, a date as YYYY-MM-DD, a duration as ISO 8601.",
            example: "toString(toDuration(1520))", result: "\"PT1.52S\""
        ) { (arguments, _) throws(FunctionFailure) in
            arguments[0].text.map(Value.string) ?? .null
        },
    ]

    private static let numbers: [TypePattern] = [.number, .string, .boolean, .dateTime]

    /// A decimal without fraction as an integer.
    static func whole(_ value: Double) throws(FunctionFailure) -> Value {
        guard let integer = Int64(exactly: value) else {
            throw FunctionFailure(.overflow, "The result is larger than an integer can be.")
        }
        return .integer(integer)
    }

    private static func localDateTime(_ text: String) -> LocalDateTime? {
        ISO8601.parseLocalDateTime(text) ?? ISO8601.parseDateTime(text)?.local
    }

    private static func dateOnly(_ arguments: Arguments) throws(FunctionFailure) -> Value {
        if arguments.count == 3 {
            let parts = [try arguments.integer(0), try arguments.integer(1), try arguments.integer(2)]
            guard parts.allSatisfy({ (0...9999).contains($0) }) else { return .null }
            return LocalDate(year: Int(parts[0]), month: Int(parts[1]), day: Int(parts[2])).map(Value.dateOnly) ?? .null
        }
        return switch arguments[0] {
        case .string(let text): localDateTime(text).map { .dateOnly($0.date) } ?? .null
        case .dateTime(let time): .dateOnly(try time.checkedLocal().date)
        case .dateTimeOnly(let time): .dateOnly(time.date)
        default: arguments[0]
        }
    }

    private static func dateTime(_ arguments: Arguments) throws(FunctionFailure) -> Value {
        switch arguments[0] {
        case .string(let text) where arguments.count == 1:
            return ISO8601.parseDateTime(text).map(Value.dateTime) ?? .null
        case .integer(let milliseconds):
            guard DateTime.instants.contains(milliseconds) else {
                throw FunctionFailure(.outOfRange, "The instant is outside the years 0 to 9999.")
            }
            return .dateTime(DateTime(instant: milliseconds))
        case .string:
            let zone = try arguments.zone(0)
            guard case .dateTimeOnly(let local)? = arguments[1].asDateTimeOnly else { return .null }
            let dateTime = DateTime(local: local, zone: zone)
            guard DateTime.instants.contains(dateTime.instant) else {
                throw FunctionFailure(.outOfRange, "The instant is outside the years 0 to 9999.")
            }
            return .dateTime(dateTime)
        default: return arguments[0]
        }
    }
}

extension Value {
    /// A date as its midnight.
    fileprivate var asDateTimeOnly: Value? {
        switch self {
        case .dateOnly(let date): .dateTimeOnly(LocalDateTime(date: date))
        case .dateTimeOnly: self
        default: nil
        }
    }
}

/// Reads numbers from texts: an optional sign, digits, a fraction, an exponent, and nothing else.
enum NumberText {
    static func decimal(_ text: String) -> Double? {
        var rest = Substring(text)
        if rest.first == "-" || rest.first == "+" { rest.removeFirst() }
        guard rest.utf8.first.map({ (0x30...0x39).contains($0) }) ?? false,
            rest.utf8.allSatisfy({ (0x30...0x39).contains($0) || [0x2E, 0x2B, 0x2D, 0x45, 0x65].contains($0) }),
            rest.utf8.last != 0x2E, let value = Double(text), value.isFinite
        else { return nil }
        return value
    }

    /// The number without its fraction; nil beyond 64 bits.
    static func integer(_ text: String) -> Int64? {
        if let value = Int64(text) { return value }
        return decimal(text).flatMap { Int64(exactly: $0.rounded(.towardZero)) }
    }
}
