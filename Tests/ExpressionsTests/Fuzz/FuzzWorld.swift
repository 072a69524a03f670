import Models

@testable import Expressions

/// A random scope: events, a profile, sources, actions, all of random shapes, and some data for it.
final class FuzzWorld {
    /// A path as it stands inside braces or after the current item, with the type at its end.
    struct Path {
        let open: String
        let close: String
        let type: ValueType
        let item: CurrentItem
    }

    var scope = ExpressionScope()
    private(set) var paths: [Path] = []
    /// Of the declared types, and in part of others.
    private(set) var strictFacts: [FuzzFacts] = []
    private(set) var wildFacts: [FuzzFacts] = []
    private var candidates: [ValueType: [(path: Path, method: String)]] = [:]
    private var calls: [ValueType: [(entry: FunctionEntry, form: Signature)]] = [:]

    static let names = [
        "a", "b", "total", "first-name", "3h", "x y", "é", "it's", "q\"", "back\\slash", "all", "and", "日本", "_id",
        "A", "line\nend", "null",
    ]
    static let scalars: [ValueType] = [
        .string, .integer, .decimal, .boolean, .dateOnly, .dateTimeOnly, .dateTime, .duration,
    ]

    init(_ random: inout FuzzGenerator) {
        for name in ["e", "orderPlaced"] { scope.events[name] = Self.shape(depth: 2, &random) }
        scope.profile = random.chance(0.2) ? .any : Self.shape(depth: 2, &random)
        for name in ["s", "my source"] {
            var group = ExpressionScope.FieldGroup(
                shape: Self.shape(depth: 2, &random), parameters: ["p", "q r"], optional: ["q r"])
            group.isOpen = random.chance(0.2)
            scope.sources[name] = ["g": group]
        }
        scope.actions["act"] = Self.shape(depth: 1, &random)
        scope.hasJourney = true
        scope.experienceEvents = random.chance(0.5) ? .any : Self.shape(depth: 1, &random)
        scope.audiences = random.chance(0.5) ? ["vips", "new ones"] : nil
        gather(&random)
        for _ in 0..<4 {
            strictFacts.append(FuzzFacts(self, wild: 0, &random))
            wildFacts.append(FuzzFacts(self, wild: 0.25, &random))
        }
    }

    /// The world of a case: the same for each 64 cases that follow each other, whichever of them is run.
    struct Cache {
        private var key: UInt64?
        private var world: FuzzWorld?

        mutating func world(ofCase seed: UInt64) -> FuzzWorld {
            if let world, key == seed >> 6 { return world }
            var random = FuzzGenerator(state: (seed >> 6) &* 0x9e37_79b9_7f4a_7c15)
            let made = FuzzWorld(&random)
            (key, world) = (seed >> 6, made)
            return made
        }
    }

    // MARK: What gives a type

    /// The paths that give a type, with the method that is still needed.
    func candidates(for type: ValueType) -> [(path: Path, method: String)] {
        if let known = candidates[type] { return known }
        let found = paths.flatMap { Self.uses(of: $0, for: type) }
        candidates[type] = found
        return found
    }

    static func uses(of path: Path, for type: ValueType) -> [(path: Path, method: String)] {
        var methods: [String] = []
        if path.type == type || path.type == .any || type == .any { methods.append("") }
        switch path.type {
        case .list(let item):
            if item == type { methods += ["first", "last", "at"] }
            if path.type == type { methods.append("all") }
        case .object:
            if type == .list(.string) { methods.append("keys") }
            if type == .string { methods.append("firstEntryKey") }
            if case .object = type { methods.append("") }
        default: break
        }
        return methods.map { (path, $0) }
    }

    /// The forms of functions that give a type.
    func calls(for type: ValueType) -> [(entry: FunctionEntry, form: Signature)] {
        if let known = calls[type] { return known }
        var found: [(entry: FunctionEntry, form: Signature)] = []
        for entry in FunctionTable.all {
            for form in entry.forms where Self.gives(form, type) { found.append((entry, form)) }
        }
        calls[type] = found
        return found
    }

    private static func gives(_ form: Signature, _ type: ValueType) -> Bool {
        switch form.result {
        case .type(let result): result == type || type == .any
        case .sameAs(let place): form.parameters[place].pattern.match(type) != .no
        case .itemOf(let place): form.parameters[place].pattern.match(.list(type)) != .no
        case .joined: true
        }
    }

    // MARK: Types

    static func shape(depth: Int, _ random: inout FuzzGenerator) -> Shape {
        var fields: [ExactText: ValueType] = [:]
        for _ in 0..<Int.random(in: 1...5, using: &random) {
            fields[ExactText(random.pick(names))] = type(depth: depth, &random)
        }
        let others: ValueType? = random.chance(0.7) ? nil : (random.chance(0.5) ? .any : type(depth: 0, &random))
        return Shape(fields: fields, others: others)
    }

    static func type(depth: Int, _ random: inout FuzzGenerator) -> ValueType {
        switch random.below(depth > 0 ? 12 : 8) {
        case 0...6: random.pick(scalars)
        case 7: .any
        case 8: .list(random.pick(scalars))
        case 9: .list(.object(shape(depth: depth - 1, &random)))
        case 10: .object(shape(depth: depth - 1, &random))
        default: .list(type(depth: depth - 1, &random))
        }
    }

    // MARK: Paths

    private func gather(_ random: inout FuzzGenerator) {
        for (name, shape) in scope.events.sorted(by: { $0.key < $1.key }) {
            walk(.object(shape), "@event{" + name, "}", .event, depth: 3)
        }
        walk(
            .object(scope.profile), random.chance(0.5) ? "#{profile" : "#{ExperiencePlatform.ProfileFieldGroup", "}",
            .source, depth: 3)
        for (name, shape) in scope.actions { walk(.object(shape), "@action{" + name, "}", .action, depth: 2) }
        for attribute in JourneyAttribute.allCases {
            paths.append(Path(open: "@journey{\(attribute.rawValue)", close: "}", type: attribute.type, item: .source))
        }
        if let shape = scope.experienceEvents {
            walk(
                .list(.object(shape)), "#{ExperiencePlatform.ExperienceEventFieldGroup.experienceevent", "}", .source,
                depth: 2)
        }
        for (name, groups) in scope.sources.sorted(by: { $0.key < $1.key }) {
            for (group, definition) in groups {
                walk(
                    .object(definition.shape), "#{" + RowText.segment(name, inBraces: true) + "." + group, "}", .source,
                    depth: 2)
            }
        }
    }

    private func walk(_ type: ValueType, _ open: String, _ close: String, _ item: CurrentItem, depth: Int) {
        paths += Self.paths(below: type, open, close, item, depth: depth)
    }

    static func paths(
        below type: ValueType, _ open: String, _ close: String, _ item: CurrentItem, depth: Int
    ) -> [Path] {
        var found = [Path(open: open, close: close, type: type, item: item)]
        guard depth > 0 else { return found }
        let shape: Shape
        switch type {
        case .object(let own): shape = own
        case .list(.object(let own)): shape = own
        case .any:
            found.append(Path(open: open + ".some", close: close, type: .any, item: item))
            return found
        default: return found
        }
        for name in shape.fields.keys.sorted() {
            guard let field = type.field(name.text) else { continue }
            found += paths(
                below: field, open + "." + RowText.segment(name.text, inBraces: !close.isEmpty), close, item,
                depth: depth - 1)
        }
        if let others = shape.others, case .object = type {
            found.append(Path(open: open + ".entry(\"k\")", close: close, type: others, item: item))
        }
        return found
    }
}
