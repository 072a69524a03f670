import Expressions
import Models

extension Plan {
    /// Checks a journey against the configuration and, where nothing is an error, makes its plan.
    ///
    /// Any document is taken, and time is linear in it but for the expressions, which are compiled one by one, and for
    /// putting waits in order.
    ///
    /// - Parameter now: milliseconds since 1970, where it is asked whether the journey may be published now: then what
    ///   is past or never comes is an error. A journey that is live goes on though its times have passed.
    package static func compile(
        _ document: JourneyDocument, version: Int64, catalogue: Catalogue, now: Int64? = nil
    ) -> Compilation {
        var compiler = PlanCompiler(document, catalogue, now: now)
        return compiler.compilation(version: version)
    }

    /// What an expression at a node may name: for `expressions.check`. Without a node, or with one that there is not,
    /// all that the journey's nodes give.
    package static func scope(
        at node: String?, in document: JourneyDocument, catalogue: Catalogue
    ) -> ExpressionScope {
        let compiler = PlanCompiler(document, catalogue)
        guard let node, let place = compiler.indexes[node] else { return compiler.scopeOfEverything() }
        return compiler.scope(at: place, named: nil)
    }
}

/// Compiles one document: the graph first, since an expression may name what has happened before its node.
struct PlanCompiler {
    let document: JourneyDocument
    let catalogue: Catalogue
    /// The time of publication, where it is about that.
    let now: Int64?
    /// The first node of each id.
    private(set) var indexes: [String: Int] = [:]
    private(set) var graph = JourneyGraph(edges: [])
    private(set) var component: [Int] = []
    private(set) var inLoop: [Bool] = []
    /// Nodes that are one of several listened to at once.
    private(set) var branches: Set<Int> = []
    /// How many ways lead to each node.
    private(set) var predecessors: [Int] = []
    /// Whether jumps lead back from a journey, as far as it was looked.
    var knownLoops: [String: Bool] = [:]
    var journeyFindings: [Finding] = []
    var nodeFindings: [[Finding]]

    /// The names of the events and actions that nodes give, and which each node gives: actions come after events.
    private var events: [String] = []
    private var actions: [String] = []
    private var eventNumbers: [String: Int] = [:]
    private var actionNumbers: [String: Int] = [:]
    /// Of messages, by their nodes' ids; they come after actions.
    private var messageNumbers: [String: Int] = [:]
    private var before: [BitSet] = []
    private let baseScope: ExpressionScope

    var parts = Plan.Parts()
    /// Paths that are read, by event; of filters that look at the event itself, apart.
    var eventPaths: [String: Set<[String]>] = [:]
    var ownEventPaths: [String: Set<[String]>] = [:]
    var responsePaths: [String: Set<[String]>] = [:]
    /// Everything that was read of the catalogue's shapes.
    var reads = PlanReads()
    /// Nodes that may read or change the profile, or lead into a journey that may.
    var profileNodes: Set<Int> = []

    init(_ document: JourneyDocument, _ catalogue: Catalogue, now: Int64? = nil) {
        self.now = now
        self.document = document
        self.catalogue = catalogue
        nodeFindings = [[Finding]](repeating: [], count: document.nodes.count)
        var scope = ExpressionScope()
        scope.profile = catalogue.profile
        scope.sources = catalogue.sources
        scope.hasJourney = true
        scope.audiences = catalogue.audiences
        scope.experienceEvents = catalogue.keptEvent
        scope.keptEvents = catalogue.keptEvents
        scope.unkeptEvents = catalogue.unkeptEvents
        baseScope = scope
        for (place, node) in document.nodes.enumerated() where indexes[node.id] == nil { indexes[node.id] = place }
        graph = JourneyGraph(edges: document.nodes.map { edges(of: $0) })
        predecessors = [Int](repeating: 0, count: document.nodes.count)
        for edges in graph.edges { for edge in edges { predecessors[edge.to] += 1 } }
        for node in document.nodes {
            for way in node.ways where way.targets.count > 1 {
                branches.formUnion(way.targets.compactMap { indexes[$0] })
            }
        }
        component = graph.components()
        inLoop = graph.inLoop(component)
        gatherHistory()
    }

    private mutating func gatherHistory() {
        for node in document.nodes {
            switch node.body {
            case .event(let step): number(event: step.event)
            case .businessEvent(let event): number(event: event)
            case .message where messageNumbers[node.id] == nil: messageNumbers[node.id] = messageNumbers.count
            case .action(let step) where actionNumbers[step.action] == nil:
                actionNumbers[step.action] = actions.count
                actions.append(step.action)
            default: break
            }
        }
        let given = document.nodes.map { node -> Int? in
            switch node.body {
            case .event(let step): eventNumbers[step.event]
            case .businessEvent(let event): eventNumbers[event]
            case .action(let step): actionNumbers[step.action].map { $0 + events.count }
            case .message: messageNumbers[node.id].map { $0 + events.count + actions.count }
            default: nil
            }
        }
        let things = events.count + actions.count + messageNumbers.count
        before = graph.happenedBefore(given: given, things: things, component: component)
    }

    private mutating func number(event: String) {
        guard eventNumbers[event] == nil else { return }
        eventNumbers[event] = events.count
        events.append(event)
    }

    /// Whether some way leads through the message's node to the place.
    func hasHappened(message: String, before place: Int) -> Bool {
        messageNumbers[message].map { before[place].contains(events.count + actions.count + $0) } ?? false
    }

    private func edges(of node: JourneyNode) -> [JourneyGraph.Edge] {
        node.ways.flatMap { way in
            way.targets.compactMap { indexes[$0].map { .init(to: $0, gives: way.gives) } }
        }
    }

    // MARK: Scopes

    /// - Parameter text: in a large journey only what it names is in the scope, so that the cost of a scope does not
    ///   grow with the journey.
    func scope(at place: Int, named text: String?) -> ExpressionScope {
        var scope = baseScope
        var scan = ReferenceScan()
        let isLarge = events.count + actions.count > 64
        if isLarge { scan.read(text) }
        for event in isLarge && text != nil ? Array(scan.events) : events {
            guard let number = eventNumbers[event], before[place].contains(number) else { continue }
            scope.events[event] = catalogue.events[event]?.shape ?? .any
        }
        for action in isLarge && text != nil ? Array(scan.actions) : actions {
            guard let number = actionNumbers[action], before[place].contains(events.count + number) else { continue }
            scope.actions[action] = catalogue.actions[action]?.response ?? .any
        }
        return scope
    }

    func scopeOfEverything() -> ExpressionScope {
        var scope = baseScope
        for event in events { scope.events[event] = catalogue.events[event]?.shape ?? .any }
        for action in actions { scope.actions[action] = catalogue.actions[action]?.response ?? .any }
        return scope
    }

    // MARK: Findings

    mutating func report(
        _ code: FindingCode, _ severity: Finding.Severity = .error, node: Int? = nil, field: String? = nil,
        _ message: String, _ remedy: String
    ) {
        report(
            Finding(
                code: code.rawValue, severity: severity, node: node.flatMap(identified), field: located(node, field),
                message: message, remedy: remedy), node)
    }

    mutating func report(_ finding: Finding, _ node: Int?) {
        if let node { nodeFindings[node].append(finding) } else { journeyFindings.append(finding) }
    }

    /// The id where it tells which node is meant.
    func identified(_ node: Int) -> String? {
        let id = document.nodes[node].id
        return !id.isEmpty && indexes[id] == node ? id : nil
    }

    /// Where the node cannot be named, the pointer goes from the document.
    func located(_ node: Int?, _ field: String?) -> String? {
        guard let node, identified(node) == nil else { return field }
        return "/nodes/\(node)" + (field ?? "")
    }

    // MARK: The whole

    mutating func compilation(version: Int64) -> Compilation {
        reportProblems()
        checkIDs()
        checkEntry()
        checkWays()
        parts.journey = document.name
        parts.version = version
        parts.description = document.description
        parts.secrets = catalogue.secrets
        compileProperties()
        parts.nodes = document.nodes.indices.map { node(at: $0) }
        parts.indexes = indexes
        for node in document.nodes { if case .event(let step) = node.body { parts.eventNames.insert(step.event) } }
        finishPaths()
        finishProfile()
        checkTimes()
        let findings = journeyFindings + nodeFindings.flatMap(\.self)
        let isRefused = findings.contains { $0.severity == .error }
        return Compilation(plan: isRefused ? nil : Plan(parts), findings: findings)
    }

    /// What is kept of events and responses, now that every expression has been seen.
    private mutating func finishPaths() {
        for (event, paths) in eventPaths { parts.kept[event] = FieldTree(paths: paths) }
        for (event, paths) in ownEventPaths {
            parts.buffered[event] = FieldTree(paths: paths.union(eventPaths[event] ?? []))
        }
        for (event, tree) in parts.kept where parts.buffered[event] == nil { parts.buffered[event] = tree }
        for (action, paths) in responsePaths { parts.responses[action] = FieldTree(paths: paths) }
        parts.nodes = parts.nodes.map { node in
            guard case .action(let step) = node.step else { return node }
            guard let action = step.action else { return node }
            return PlanNode(node, step: .action(step.reading(parts.responses[action])))
        }
    }

    /// Where the profile is still ahead: everywhere, if it is read by what belongs to no node, such as the time zone.
    private mutating func finishProfile() {
        let isEverywhere = parts.readsProfileAnywhere || parts.keepsHistory
        parts.profileAhead =
            isEverywhere
            ? [Bool](repeating: true, count: parts.nodes.count) : graph.leading(to: profileNodes)
        parts.profileAfter = graph.edges.map { edges in
            isEverywhere || edges.contains { parts.profileAhead[$0.to] }
        }
    }

    private mutating func reportProblems() {
        for problem in document.problems {
            let parts = problem.path.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: true)
            if parts.first == "nodes", parts.count > 1, let place = Int(parts[1]), nodeFindings.indices.contains(place)
            {
                report(
                    .malformed, node: place, field: parts.count > 2 ? "/" + parts[2] : nil, Self.sentence(problem),
                    "Correct this member of the node.")
            } else {
                report(.malformed, field: problem.path, Self.sentence(problem), "Correct this member of the journey.")
            }
        }
    }

    /// A problem's message is the end of a sentence that begins with the member's name.
    private static func sentence(_ problem: Problem) -> String {
        let name = problem.path.split(separator: "/").last.map { "“\($0)”" } ?? "The document"
        let isPredicate = ["is ", "has ", "must ", "or "].contains { problem.message.hasPrefix($0) }
        return isPredicate
            ? "\(name) \(problem.message)." : "\(name) is not as it must be: \(problem.message)."
    }
}

extension ActionStep {
    /// With what the whole plan reads of the response.
    func reading(_ tree: FieldTree?) -> ActionStep {
        let isWhole = tree?.isWhole ?? false
        let fields = (tree?.paths ?? []).filter { $0 != ActionResponse.statusField }
        return ActionStep(
            target: target, parameters: parameters, timeoutMilliseconds: timeoutMilliseconds, onError: onError,
            fields: isWhole ? [""] : fields, keepsResponse: tree != nil)
    }
}

extension JourneyNode {
    /// A way out of the node, as the graph sees it.
    struct WayOut {
        let targets: [String]
        /// A pointer in the node.
        let field: String
        /// What the node gives has happened on it.
        var gives = true
    }

    var ways: [WayOut] {
        var ways = [WayOut(targets: way.next, field: "/next")]
        func add(_ way: Way?, _ field: String, gives: Bool = true) {
            if let way { ways.append(WayOut(targets: way.next, field: field + "/next", gives: gives)) }
        }
        switch body {
        case .event(let step): add(step.onTimeout, "/onTimeout", gives: false)
        case .reaction(let step): add(step.onTimeout, "/onTimeout", gives: false)
        case .condition(let step):
            for (place, path) in step.paths.enumerated() { add(path.way, "/paths/\(place)") }
            add(step.otherwise, "/otherwise")
            add(step.onError, "/onError")
        case .action(let step): add(step.onError, "/onError")
        case .message(let step): add(step.onError, "/onError")
        case .updateProfile(_, _, let onError): add(onError, "/onError")
        default: break
        }
        return ways
    }
}
