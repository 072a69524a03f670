/// The routes of a server besides `/rpc`: a path and a verb, and what runs for them.
package struct HTTPRoutes: Sendable {
    package typealias Handler = @Sendable (HTTPCall) async throws(HTTPRefusal) -> HTTPAnswer

    private enum Segment: Sendable {
        case word(String)
        case parameter(String)
    }

    private struct Route: Sendable {
        let segments: [Segment]
        var handlers: [(verb: HTTPVerb, run: Handler)]
    }

    enum Found {
        case handler(Handler, parameters: [(name: String, value: String)])
        /// The path is known and this verb is not.
        case otherVerbs([HTTPVerb])
        case nothing
    }

    private var fixed: [String: Route] = [:]
    private var patterns: [(path: String, route: Route)] = []

    package init() {}

    /// Adds a route. A `{name}` in the path stands for one whole segment that is not empty. Fixed paths go before
    /// patterns, patterns in the order added; a verb that a path has already is a mistake of ours.
    package mutating func on(_ verb: HTTPVerb, _ path: String, _ handler: @escaping Handler) {
        precondition(path.hasPrefix("/"), "a path begins with a slash")
        let segments = Self.split(path).map { word -> Segment in
            word.hasPrefix("{") && word.hasSuffix("}")
                ? .parameter(String(word.dropFirst().dropLast())) : .word(String(word))
        }
        let isPattern = segments.contains { if case .parameter = $0 { true } else { false } }
        let place = patterns.firstIndex { $0.path == path }
        var route = fixed[path] ?? place.map { patterns[$0].route } ?? Route(segments: segments, handlers: [])
        precondition(!route.handlers.contains { $0.verb == verb }, "\(verb.rawValue) \(path) is routed twice")
        route.handlers.append((verb, handler))
        if !isPattern {
            fixed[path] = route
        } else if let place {
            patterns[place].route = route
        } else {
            patterns.append((path, route))
        }
    }

    /// Adds all of another table.
    package mutating func add(_ other: HTTPRoutes) {
        let all = other.fixed.map { ($0.key, $0.value) } + other.patterns.map { ($0.path, $0.route) }
        for (path, route) in all {
            for handler in route.handlers { on(handler.verb, path, handler.run) }
        }
    }

    /// A HEAD is answered by GET where it has no handler of its own.
    func find(_ verb: HTTPVerb?, _ path: Substring) -> Found {
        if let route = fixed[String(path)] { return Self.pick(route, verb, parameters: []) }
        if patterns.isEmpty { return .nothing }
        let words = Self.split(path)
        for (_, route) in patterns {
            if let parameters = Self.match(route.segments, words) {
                return Self.pick(route, verb, parameters: parameters)
            }
        }
        return .nothing
    }

    private static func pick(_ route: Route, _ verb: HTTPVerb?, parameters: [(name: String, value: String)]) -> Found {
        if let found = route.handlers.first(where: { $0.verb == verb }) {
            return .handler(found.run, parameters: parameters)
        }
        if verb == .head, let found = route.handlers.first(where: { $0.verb == .get }) {
            return .handler(found.run, parameters: parameters)
        }
        return .otherVerbs(route.handlers.map(\.verb))
    }

    private static func split(_ path: some StringProtocol) -> [Substring] {
        Substring(path).dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    }

    private static func match(_ segments: [Segment], _ words: [Substring]) -> [(name: String, value: String)]? {
        guard segments.count == words.count else { return nil }
        var parameters: [(name: String, value: String)] = []
        for (segment, word) in zip(segments, words) {
            switch segment {
            case .word(let expected): if word != expected { return nil }
            case .parameter(let name):
                guard !word.isEmpty, let value = PercentDecoding.text(word) else { return nil }
                parameters.append((name, value))
            }
        }
        return parameters
    }
}
