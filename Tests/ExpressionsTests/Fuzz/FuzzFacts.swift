import Models

@testable import Expressions

/// Random values for the fields of a world: of the declared types, or in part of whatever others.
struct FuzzFacts {
    var values: EvaluationValues
    /// The share of values that are of any type.
    let wild: Double
    private let sources: [String: [String: ExpressionScope.FieldGroup]]

    init(_ world: FuzzWorld, wild: Double, _ random: inout FuzzGenerator) {
        sources = world.scope.sources
        self.wild = wild
        values = EvaluationValues(now: Int64.random(in: -4_000_000_000_000...8_000_000_000_000, using: &random))
        values.seed = random.next()
        values.zone =
            Zone(identifier: random.pick(["UTC", "Europe/Paris", "America/New_York", "Asia/Kolkata"])) ?? .utc
        for (name, shape) in world.scope.events.sorted(by: { $0.key < $1.key }) where random.chance(0.9) {
            values.events[name] = json(.object(shape), &random)
        }
        for (name, shape) in world.scope.actions where random.chance(0.9) {
            values.actions[name] = json(.object(shape), &random)
        }
        if case .object(let profile) = json(.object(world.scope.profile), &random) { values.profile = profile }
        for attribute in JourneyAttribute.allCases where random.chance(0.7) {
            values.journey[attribute.rawValue] =
                attribute.type == .integer ? .integer(Int64(random.below(100))) : .string("j\(random.below(9))")
        }
        let event = world.scope.experienceEvents.map { ValueType.object($0) } ?? .any
        for _ in 0..<random.below(4) { values.experienceEvents.append(json(event, &random)) }
        if random.chance(0.5) { values.audiences = ["vips"] }
    }

    /// What a source answers.
    func answer(to request: LookupRequest, _ random: inout FuzzGenerator) -> LookupState {
        if random.chance(0.1) { return .failed }
        let shape = sources[request.source]?[request.group]?.shape ?? .any
        return .data(json(.object(shape), &random))
    }

    // MARK: Values

    func json(_ type: ValueType, _ random: inout FuzzGenerator) -> JSONValue {
        if random.chance(0.08) { return .null }
        if wild > 0, random.chance(wild) { return Self.anything(depth: 2, &random) }
        switch type {
        case .null: return .null
        case .any: return Self.anything(depth: 2, &random)
        case .string: return .string(random.pick(Self.texts))
        case .integer: return .integer(Self.integer(&random))
        case .decimal: return random.chance(0.3) ? .integer(Self.integer(&random)) : .decimal(Self.decimal(&random))
        case .boolean: return .bool(random.chance(0.5))
        case .dateOnly: return .string(random.pick(Self.dates))
        case .dateTimeOnly: return .string(random.pick(Self.locals))
        case .dateTime: return .string(random.pick(Self.instants))
        case .duration: return .string(random.pick(Self.durations))
        case .list(let item): return .array((0..<random.below(5)).map { _ in json(item, &random) })
        case .object(let shape):
            var object: JSONObject = [:]
            for name in shape.fields.keys.sorted() where random.chance(0.9) {
                object[name.text] = json(shape.fields[name] ?? .any, &random)
            }
            if let others = shape.others { object["k"] = json(others, &random) }
            return .object(object)
        }
    }

    static func anything(depth: Int, _ random: inout FuzzGenerator) -> JSONValue {
        switch random.below(depth > 0 ? 9 : 7) {
        case 0: .null
        case 1: .bool(random.chance(0.5))
        case 2: .integer(integer(&random))
        case 3: .decimal(decimal(&random))
        case 4: .string(random.pick(texts))
        case 5: .string(random.pick(dates + locals + instants + durations))
        case 6: .exact("123456789012345678901234567890")
        case 7: .array((0..<random.below(4)).map { _ in anything(depth: depth - 1, &random) })
        default:
            .object(
                JSONObject(
                    (0..<random.below(4)).map { _ in
                        (random.pick(FuzzWorld.names + ["some", "k"]), anything(depth: depth - 1, &random))
                    }))
        }
    }

    static func integer(_ random: inout FuzzGenerator) -> Int64 {
        switch random.below(6) {
        case 0: random.pick([0, 1, -1, Int64.max, Int64.min, 1_000_000])
        case 1: Int64.random(in: Int64.min...Int64.max, using: &random)
        default: Int64.random(in: -20...100, using: &random)
        }
    }

    static func decimal(_ random: inout FuzzGenerator) -> Double {
        switch random.below(6) {
        case 0: random.pick([0, -0.0, 1e308, -1e308, Double.leastNonzeroMagnitude, 0.1, 9_223_372_036_854_775_808, 4])
        case 1: Double(bitPattern: random.next() & 0x7FDF_FFFF_FFFF_FFFF)
        default: Double(Int64.random(in: -1000...1000, using: &random)) / 8
        }
    }

    static let texts = [
        "", "a", "b c", "true", "42", "-1.5", "1e400", "é", "👩‍👩‍👧", "Ñ", "quote\"s", "it's", "\\", "\n", "2021-02-19",
        "gold", "Gold", "a,b,c", "(", "[a-z]+", "%s", "0", "null", "PT1H", "Europe/Paris", "  trim me ", "ﬃ", "İ",
        "a very long text that goes on for a while so that padding and cutting have something to do",
    ]
    static let dates = ["2021-02-19", "2024-02-29", "0001-01-01", "9999-12-31", "1969-12-31", "2000-01-31"]
    static let locals = ["2021-02-19T08:00:00", "2024-03-31T02:30:00", "1970-01-01T00:00:00.5", "9999-12-31T23:59:59"]
    static let instants = [
        "2021-02-19T08:00:00Z", "2025-12-31T23:59:59.999+02:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
        "2024-02-29T12:00:00-11:30",
    ]
    static let durations = ["PT1H", "P2DT3H4M", "-PT-6H+3M", "PT0.5S", "P106751991167D", "PT0S"]
}
