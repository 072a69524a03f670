/// One way to call a function.
struct Signature: Sendable {
    struct Parameter: Sendable {
        let name: String
        let pattern: TypePattern
        let isOptional: Bool
    }

    /// The type of the result.
    enum Result: Sendable {
        case type(ValueType)
        /// That of an argument, by its place.
        case sameAs(Int)
        /// That of the items of a list.
        case itemOf(Int)
        /// What covers all arguments.
        case joined
    }

    let parameters: [Parameter]
    let result: Result
    /// Whether the last parameter may be repeated.
    let isVariadic: Bool

    /// Parameters are named in order, optional ones with a `?` behind the name.
    init(_ parameters: KeyValuePairs<String, TypePattern>, _ result: Result, isVariadic: Bool = false) {
        self.parameters = parameters.map { name, pattern in
            Parameter(
                name: name.hasSuffix("?") ? String(name.dropLast()) : name, pattern: pattern,
                isOptional: name.hasSuffix("?"))
        }
        self.result = result
        self.isVariadic = isVariadic
    }

    init(_ parameters: KeyValuePairs<String, TypePattern>, _ type: ValueType) {
        self.init(parameters, .type(type))
    }

    func takes(count: Int) -> Bool {
        let required = parameters.count { !$0.isOptional }
        return count >= required && (isVariadic || count <= parameters.count)
    }

    func pattern(at place: Int) -> TypePattern {
        parameters[min(place, parameters.count - 1)].pattern
    }

    func resultType(of arguments: [ValueType]) -> ValueType {
        switch result {
        case .type(let type): return type
        case .sameAs(let place): return arguments[place].unlessNull
        case .itemOf(let place):
            if case .list(let item) = arguments[place] { return item }
            return .any
        case .joined:
            return arguments.reduce(ValueType.null) { $0.joined(with: $1) ?? .any }.unlessNull
        }
    }
}

extension Signature: CustomStringConvertible {
    /// `(list: list, count: integer, fromStart?: boolean) → list`
    var description: String {
        let texts = parameters.map { "\($0.name)\($0.isOptional ? "?" : ""): \($0.pattern)" }
        let resultText =
            switch result {
            case .type(let type): type.description
            case .sameAs(let place): parameters[place].pattern.description
            case .itemOf(let place): parameters[place].pattern.itemDescription
            case .joined: parameters[0].pattern.description
            }
        return "(\(texts.joined(separator: ", "))\(isVariadic ? ", …" : "")) → \(resultText)"
    }
}

/// Which values a parameter takes.
indirect enum TypePattern: Sendable {
    case anything
    case one(ValueType)
    /// Any of these types.
    case among([ValueType], called: String)
    case list(TypePattern)
    /// A constant with the name of a time zone.
    case zone
    /// A constant: years, months, days, hours, minutes, seconds.
    case timeUnit
    /// A constant with the name of an audience.
    case audience
    /// A text that is a regular expression; a constant one is checked when the expression is.
    case pattern
    /// A text that is put in place of what the pattern before it matches; a constant one is checked likewise.
    case replacement

    static let string = TypePattern.one(.string)
    static let integer = TypePattern.one(.integer)
    static let boolean = TypePattern.one(.boolean)
    static let dateTime = TypePattern.one(.dateTime)
    static let number = TypePattern.among([.integer, .decimal], called: "numeric")
    static let date = TypePattern.among([.dateTime, .dateTimeOnly, .dateOnly], called: "date")
    static let scalar = TypePattern.among(
        [.string, .integer, .decimal, .boolean, .dateOnly, .dateTimeOnly, .dateTime, .duration], called: "scalar")
    static let anyList = TypePattern.list(.anything)
    static let listObject = TypePattern.list(.one(.object(.any)))

    enum Match {
        case no
        /// It shows at run time.
        case depends
        case yes
    }

    /// Whether a value of the type is taken.
    func match(_ type: ValueType) -> Match {
        switch (self, type) {
        case (.anything, _): .yes
        case (_, .any): .depends
        case (_, .null): .yes
        case (.one(.object), .object): .yes
        case (.one(.decimal), .integer): .yes
        case (.one(let wanted), _): wanted == type ? .yes : .no
        case (.among(let types, _), _): types.contains(type) ? .yes : .no
        case (.list(let item), .list(let itemType)): item.match(itemType)
        case (.list, _): .no
        case (.zone, _), (.timeUnit, _), (.audience, _), (.pattern, _), (.replacement, _):
            type == .string ? .yes : .no
        }
    }

    /// Whether the value is taken as it is.
    func accepts(_ value: Value) -> Bool {
        switch (self, value) {
        case (.anything, _), (_, .null): return true
        case (.one(let type), _): return value.isOf(type)
        case (.among(let types, _), _): return types.contains { value.isOf($0) }
        case (.list(.anything), .list): return true
        case (.list(let pattern), .list(let items)): return items.allSatisfy { pattern.accepts($0) }
        case (.zone, .string), (.timeUnit, .string), (.audience, .string), (.pattern, .string),
            (.replacement, .string):
            return true
        case (.list, _), (.zone, _), (.timeUnit, _), (.audience, _), (.pattern, _), (.replacement, _): return false
        }
    }

    /// The value converted to what is taken, or nil where that cannot be.
    func converted(_ value: Value) -> Value? {
        if accepts(value) { return value }
        switch (self, value) {
        case (.one(let type), _): return value.conformed(to: type)
        case (.among(let types, _), _): return types.lazy.compactMap { value.conformed(to: $0) }.first
        case (.list(let pattern), .list(let items)):
            var converted: [Value] = []
            converted.reserveCapacity(items.count)
            for item in items {
                guard let item = pattern.converted(item) else { return nil }
                converted.append(item)
            }
            return .list(converted)
        default: return nil
        }
    }
}

extension TypePattern: CustomStringConvertible {
    /// As a signature names the items of a list.
    fileprivate var itemDescription: String {
        if case .list(let item) = self { return item.description }
        return description
    }

    var description: String {
        switch self {
        case .anything: "any"
        case .one(let type): type.description
        case .among(_, let name): name
        case .list(.anything): "list"
        case .list(.one(.object)): "listObject"
        case .list(let item): "list<\(item)>"
        case .zone: "zone"
        case .timeUnit: "unit"
        case .audience: "audience"
        case .pattern: "regex"
        case .replacement: "replacement"
        }
    }
}
