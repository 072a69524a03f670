import Models

extension Generator {
    private static let depthMax = 32

    /// Reads JSON with generators in it; what is wrong is told to the reader.
    init(_ value: JSONValue, path: String, _ problems: inout [Problem], depth: Int = 0) {
        if depth > Self.depthMax {
            problems.append(Problem(path: path, message: "is nested more than \(Self.depthMax) deep"))
            self = .constant(.null)
            return
        }
        switch value {
        case .array(let items):
            self = .array(
                items.enumerated().map { Generator($1, path: "\(path)/\($0)", &problems, depth: depth + 1) })
        case .object(let object):
            if let name = object.keys.first(where: { $0.hasPrefix("$") }) {
                self = Self.drawn(name, object, path, &problems, depth)
            } else {
                self = .object(
                    object.map { key, value in
                        Member(key: key, value: Generator(value, path: "\(path)/\(key)", &problems, depth: depth + 1))
                    })
            }
        default: self = .constant(value)
        }
        if isConstant { self = .constant(value) }
    }

    /// Whether nothing below is drawn: then the value is made once.
    private var isConstant: Bool {
        switch self {
        case .constant: true
        case .object(let members): members.allSatisfy(\.value.isConstant)
        case .array(let items): items.allSatisfy(\.isConstant)
        default: false
        }
    }

    private static func drawn(
        _ name: String, _ object: JSONObject, _ path: String, _ problems: inout [Problem], _ depth: Int
    ) -> Generator {
        let known: [String: Set<String>] = ["$choice": ["$choice", "weights"], "$optional": ["$optional", "percent"]]
        let allowed = known[name] ?? [name]
        for key in object.keys where !allowed.contains(key) {
            problems.append(Problem(path: "\(path)/\(key)", message: "does not go with \(name)"))
        }
        let value = object[name] ?? .null
        func refuse(_ message: String) -> Generator {
            problems.append(Problem(path: "\(path)/\(name)", message: message))
            return .constant(.null)
        }
        switch name {
        case "$choice": return choice(object, path, &problems, depth)
        case "$integer":
            guard let range = pair(value)?.map(\.integerValue), let from = range[0], let to = range[1], from <= to
            else { return refuse("expected two integers [from, to]") }
            return .integer(from...to)
        case "$decimal":
            guard let range = pair(value)?.map(\.decimalValue), let from = range[0], let to = range[1], from <= to
            else { return refuse("expected two numbers [from, to]") }
            return .decimal(from...to)
        case "$boolean":
            guard let percent = value.decimalValue, (0...100).contains(percent) else {
                return refuse("expected how often it is true, from 0 to 100")
            }
            return .boolean(percent: percent)
        case "$text":
            guard let text = value.stringValue, let parts = TextPart.parts(of: text) else {
                return refuse(
                    "expected text with {person}, {number}, {time}, {profile.path} or {parameter.name} in it")
            }
            return .text(parts)
        case "$profile":
            guard let text = value.stringValue, !text.isEmpty else { return refuse("expected a path such as a.b") }
            return .profile(text.split(separator: ".").map(String.init))
        case "$parameter":
            guard let text = value.stringValue, !text.isEmpty else { return refuse("expected a parameter's name") }
            return .parameter(text)
        case "$time":
            guard let text = value.stringValue, let shift = ISODuration.milliseconds(text) else {
                return refuse("expected an ISO 8601 duration such as PT0S or -P1D")
            }
            return .time(shift: shift)
        case "$optional":
            guard let percent = (object["percent"] ?? 50).decimalValue, (0...100).contains(percent) else {
                return refuse("percent must be from 0 to 100")
            }
            return .optional(Generator(value, path: "\(path)/$optional", &problems, depth: depth + 1), percent: percent)
        default:
            return refuse(
                """
                is no generator; there are $choice, $integer, $decimal, $boolean, $text, $profile, $parameter, $time, \
                $optional
                """
            )
        }
    }

    private static func pair(_ value: JSONValue) -> [JSONValue]? {
        guard let items = value.arrayValue, items.count == 2 else { return nil }
        return items
    }

    private static func choice(
        _ object: JSONObject, _ path: String, _ problems: inout [Problem], _ depth: Int
    ) -> Generator {
        let items = object["$choice"]?.arrayValue ?? []
        if items.isEmpty { problems.append(Problem(path: "\(path)/$choice", message: "expected a list of values")) }
        let options = items.enumerated().map { place, item in
            Generator(item, path: "\(path)/$choice/\(place)", &problems, depth: depth + 1)
        }
        guard let given = object["weights"] else {
            return .choice(options, weights: options.map { _ in 1 })
        }
        let weights = (given.arrayValue ?? []).compactMap(\.decimalValue)
        if weights.count != options.count || weights.contains(where: { $0 < 0 }) || weights.allSatisfy({ $0 == 0 }) {
            let message = "expected \(options.count) numbers of at least 0, one for each value and not all 0"
            problems.append(Problem(path: "\(path)/weights", message: message))
            return .constant(.null)
        }
        return .choice(options, weights: weights)
    }
}

extension Generator.TextPart {
    /// The parts of a text with placeholders; nil where one is not closed or not known.
    static func parts(of text: String) -> [Self]? {
        var parts: [Self] = []
        var rest = text[...]
        while let open = rest.firstIndex(of: "{") {
            if open > rest.startIndex { parts.append(.constant(String(rest[..<open]))) }
            guard let close = rest[open...].firstIndex(of: "}") else { return nil }
            let name = rest[rest.index(after: open)..<close]
            switch name {
            case "person": parts.append(.person)
            case "number": parts.append(.number)
            case "time": parts.append(.time)
            default:
                let steps = name.split(separator: ".").map(String.init)
                guard steps.count > 1 else { return nil }
                if steps[0] == "profile" {
                    parts.append(.profile(Array(steps.dropFirst())))
                } else if steps[0] == "parameter", steps.count == 2 {
                    parts.append(.parameter(steps[1]))
                } else {
                    return nil
                }
            }
            rest = rest[rest.index(after: close)...]
        }
        if !rest.isEmpty { parts.append(.constant(String(rest))) }
        return parts
    }
}
