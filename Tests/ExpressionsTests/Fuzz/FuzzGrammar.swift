import Models

@testable import Expressions

/// Writes random expressions of a type over a world. Most are well typed; the checker decides.
struct FuzzGrammar {
    let world: FuzzWorld
    /// The items of the conditions around, with their types.
    private var items: [(CurrentItem, ValueType)] = []
    /// Pieces that may still be written.
    private var budget = 60
    var mayDraw = true

    init(_ world: FuzzWorld) {
        self.world = world
    }

    static let types: [ValueType] =
        FuzzWorld.scalars + FuzzWorld.scalars.map { .list($0) } + [.any, .object(.any), .list(.object(.any))]

    mutating func expression(of type: ValueType, depth: Int, _ random: inout FuzzGenerator) -> String {
        budget -= 1
        guard depth > 0, budget > 0 else { return leaf(of: type, depth: 0, &random) }
        switch random.below(10) {
        case 0, 1, 2: return leaf(of: type, depth: depth, &random)
        case 3: return conditional(of: type, depth: depth - 1, &random)
        case 4, 5, 6: return call(of: type, depth: depth - 1, &random) ?? leaf(of: type, depth: depth, &random)
        default: return operation(of: type, depth: depth - 1, &random) ?? leaf(of: type, depth: depth, &random)
        }
    }

    // MARK: Leaves

    private mutating func leaf(of type: ValueType, depth: Int, _ random: inout FuzzGenerator) -> String {
        if random.chance(0.03) { return "null" }
        if random.chance(0.6), let reference = reference(of: type, depth: depth, &random) { return reference }
        return literal(of: type, depth: depth, &random)
    }

    private mutating func literal(of type: ValueType, depth: Int, _ random: inout FuzzGenerator) -> String {
        switch type {
        case .string: return RowText.quoted(random.pick(FuzzFacts.texts))
        case .integer: return "\(FuzzFacts.integer(&random))"
        case .decimal: return "\(FuzzFacts.decimal(&random))"
        case .boolean: return random.chance(0.5) ? "true" : "false"
        case .dateOnly: return "date(\"\(random.pick(FuzzFacts.dates))\")"
        case .dateTimeOnly: return "date(\"\(random.pick(FuzzFacts.locals))\")"
        case .dateTime: return "date(\"\(random.pick(FuzzFacts.instants))\")"
        case .duration: return "toDuration(\"\(random.pick(FuzzFacts.durations))\")"
        case .list(let item):
            let items = (0..<random.below(4)).map { _ in expression(of: item, depth: depth - 1, &random) }
            return "[\(items.joined(separator: ", "))]"
        case .any: return literal(of: random.pick(FuzzWorld.scalars), depth: depth, &random)
        case .null, .object: return "null"
        }
    }

    mutating func reference(of type: ValueType, depth: Int, _ random: inout FuzzGenerator) -> String? {
        var candidates = world.candidates(for: type)
        if let (item, itemType) = items.last, random.chance(0.7) {
            let own = FuzzWorld.paths(below: itemType, item.rawValue, "", item, depth: 2)
                .flatMap { FuzzWorld.uses(of: $0, for: type) }
            if !own.isEmpty { candidates = own }
        }
        guard !candidates.isEmpty else { return nil }
        let (path, method) = random.pick(candidates)
        return written(path, method, depth: depth, default: type, &random)
    }

    private mutating func written(
        _ path: FuzzWorld.Path, _ method: String, depth: Int, default type: ValueType, _ random: inout FuzzGenerator
    ) -> String {
        var text = path.open
        switch method {
        case "": break
        case "keys", "firstEntryKey": text += ".\(method)()"
        case "at": text += ".at(\(expression(of: .integer, depth: min(depth - 1, 1), &random)))"
        default:
            var condition = ""
            if depth > 0, items.count < 3, case .list(let item) = path.type, random.chance(0.7) {
                items.append((path.item, item))
                condition = expression(of: .boolean, depth: min(depth - 1, 2), &random)
                items.removeLast()
            }
            text += ".\(method)(\(condition))"
        }
        guard !path.close.isEmpty else { return text }
        if depth > 0, random.chance(0.15) { text += ", defaultValue: " + expression(of: type, depth: 1, &random) }
        if path.open.hasPrefix("#{s.") || path.open.hasPrefix("#{'my") {
            text += ", params: {p: " + expression(of: random.pick(FuzzWorld.scalars), depth: min(depth - 1, 2), &random)
            if random.chance(0.3) { text += ", 'q r': " + literal(of: .integer, depth: 0, &random) }
            text += "}"
        }
        return text + path.close
    }

    // MARK: Calls

    private mutating func call(of type: ValueType, depth: Int, _ random: inout FuzzGenerator) -> String? {
        let fitting = world.calls(for: type)
        guard !fitting.isEmpty else { return nil }
        let (entry, form) = random.pick(fitting)
        guard mayDraw || entry.dependence != .seed else { return nil }
        var count = form.parameters.count
        while count > 0, form.parameters[count - 1].isOptional, random.chance(0.5) { count -= 1 }
        if form.isVariadic { count += random.below(3) }
        var arguments: [String] = []
        for place in 0..<count {
            let pattern = form.pattern(at: place)
            let wanted: ValueType? =
                switch form.result {
                case .sameAs(place): type
                case .itemOf(place): .list(type)
                case .joined: type
                default: nil
                }
            arguments.append(argument(pattern, wanted, depth: depth, &random))
        }
        return "\(entry.name)(\(arguments.joined(separator: ", ")))"
    }

    private mutating func argument(
        _ pattern: TypePattern, _ wanted: ValueType?, depth: Int, _ random: inout FuzzGenerator
    ) -> String {
        if let wanted { return expression(of: wanted, depth: depth, &random) }
        switch pattern {
        case .zone: return random.pick(["\"Europe/Paris\"", "\"UTC\"", "\"+02:00\"", "\"America/St_Johns\""])
        case .timeUnit: return "\"" + random.pick(TimeUnit.allCases).rawValue + "\""
        case .audience: return random.pick(["\"vips\"", "\"new ones\""])
        case .anything: return expression(of: random.pick(Self.types), depth: depth, &random)
        case .one(let type): return expression(of: type, depth: depth, &random)
        case .among(let types, _): return expression(of: random.pick(types), depth: depth, &random)
        case .list(.anything): return expression(of: .list(random.pick(FuzzWorld.scalars)), depth: depth, &random)
        case .list(.one(let type)): return expression(of: .list(type), depth: depth, &random)
        case .list(.among(let types, _)): return expression(of: .list(random.pick(types)), depth: depth, &random)
        default:
            return random.chance(0.5)
                ? expression(of: .string, depth: depth, &random)
                : random.pick(["\"[a-z]+\"", "\"(a)(b)?\"", "\",\"", "\"x\"", "\"\\\\1\"", "\"(a+)+$\""])
        }
    }

    // MARK: Operators

    private mutating func conditional(of type: ValueType, depth: Int, _ random: inout FuzzGenerator) -> String {
        let condition = expression(of: .boolean, depth: depth, &random)
        let then = expression(of: type, depth: depth, &random)
        return "if (\(condition)) then (\(then)) else (\(expression(of: type, depth: depth, &random)))"
    }

    private mutating func operation(of type: ValueType, depth: Int, _ random: inout FuzzGenerator) -> String? {
        func pair(_ one: ValueType, _ symbols: [String], _ other: ValueType) -> String {
            let left = expression(of: one, depth: depth, &random)
            return "(\(left)) \(random.pick(symbols)) (\(expression(of: other, depth: depth, &random)))"
        }
        switch type {
        case .integer:
            return random.chance(0.2)
                ? "-(\(expression(of: .integer, depth: depth, &random)))"
                : pair(.integer, ["+", "-", "*", "%"], .integer)
        case .decimal:
            let numbers: [ValueType] = [.integer, .decimal, .any]
            return random.chance(0.3)
                ? pair(random.pick(numbers), ["/"], random.pick(numbers))
                : pair(.decimal, ["+", "-", "*", "%"], random.pick(numbers))
        case .string: return pair(.string, ["+"], random.pick(FuzzWorld.scalars + [.any]))
        case .boolean: return condition(depth: depth, &random)
        case .dateTime: return pair(.dateTime, ["+", "-"], .duration)
        case .dateTimeOnly: return pair(.dateTimeOnly, ["+", "-"], .duration)
        case .duration:
            switch random.below(4) {
            case 0: return pair(.dateTime, ["-"], .dateTime)
            case 1: return pair(.dateTimeOnly, ["-"], .dateTimeOnly)
            case 2: return "-(\(expression(of: .duration, depth: depth, &random)))"
            default: return pair(.duration, ["+", "-"], .duration)
            }
        case .any: return pair(.any, ["+", "-", "*", "/", "%"], random.pick([.any, .integer, .duration, .dateTime]))
        default: return nil
        }
    }

    mutating func condition(depth: Int, _ random: inout FuzzGenerator) -> String {
        switch random.below(8) {
        case 0...2:
            let type = random.pick(Self.types)
            let symbols = ["==", "!=", "<", "<=", ">", ">="]
            let other = type == .integer && random.chance(0.5) ? ValueType.decimal : type
            let left = expression(of: type, depth: depth, &random)
            return "(\(left)) \(random.pick(symbols)) (\(expression(of: other, depth: depth, &random)))"
        case 3:
            let tests = ["is null", "is not null", "is numeric", "is integer", "is decimal", "has null", "== null"]
            return "(\(expression(of: random.pick(Self.types), depth: depth, &random))) \(random.pick(tests))"
        case 4: return "not (\(expression(of: .boolean, depth: depth, &random)))"
        default:
            let word = random.chance(0.5) ? " and " : " or "
            return (0...random.below(3)).map { _ in "(\(expression(of: .boolean, depth: depth, &random)))" }
                .joined(separator: word)
        }
    }
}
