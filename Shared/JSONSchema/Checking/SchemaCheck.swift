import Models

/// One look at one value. Without reporting it stops at the first problem; with it, it goes on to the next.
struct SchemaCheck {
    private enum Step {
        case member(String)
        case item(Int)
    }

    let tree: SchemaTree
    private(set) var problems: [Problem] = []
    /// Whether problems are kept; false inside `anyOf`, `not` and the like, where a failure is no problem yet.
    private var isReporting: Bool
    private var path: [Step] = []
    private var depth = 0
    private var checksLeft: Int
    /// The resources entered, outermost first, where `$dynamicRef` will ask.
    private var scope: [Int] = []
    /// Set when a bound was met: no answer below it counts then.
    private(set) var exhausted: String?

    init(tree: SchemaTree, isReporting: Bool, checksMax: Int = SchemaBounds.checksMax) {
        self.tree = tree
        self.isReporting = isReporting
        checksLeft = checksMax
    }

    /// Whether the value is valid against the root, or another subschema.
    mutating func run(_ value: JSONValue, from node: Int = 0) -> Bool {
        var marks = SchemaMarks()
        let isValid = check(node, value, &marks, tracking: false)
        if let exhausted {
            problems = [Problem(path: "", message: exhausted)]
            return false
        }
        return isValid
    }

    // MARK: Problems

    /// Whether to look further after a problem.
    var goesOn: Bool { isReporting && problems.count < SchemaBounds.problemsMax && exhausted == nil }

    /// Keeps a problem at the place where the check is, or at a member of it; returns ``goesOn``.
    mutating func report(at member: String? = nil, _ message: @autoclosure () -> String) -> Bool {
        guard isReporting, problems.count < SchemaBounds.problemsMax else { return false }
        var pointer = ""
        for step in path {
            switch step {
            case .member(let name): pointer += JSONPointer.step(name)
            case .item(let place): pointer += "/\(place)"
            }
        }
        problems.append(Problem(path: pointer + (member.map(JSONPointer.step) ?? ""), message: message()))
        return goesOn
    }

    /// Applies a subschema to a member, and keeps the path.
    mutating func check(_ node: Int, member name: String, _ value: JSONValue) -> Bool {
        var marks = SchemaMarks()
        guard isReporting else { return check(node, value, &marks, tracking: false) }
        path.append(.member(name))
        defer { path.removeLast() }
        return check(node, value, &marks, tracking: false)
    }

    mutating func check(_ node: Int, item place: Int, _ value: JSONValue) -> Bool {
        var marks = SchemaMarks()
        guard isReporting else { return check(node, value, &marks, tracking: false) }
        path.append(.item(place))
        defer { path.removeLast() }
        return check(node, value, &marks, tracking: false)
    }

    /// Applies a subschema whose failure is no problem yet.
    mutating func quietly(_ node: Int, _ value: JSONValue, _ marks: inout SchemaMarks, tracking: Bool) -> Bool {
        let wasReporting = isReporting
        isReporting = false
        defer { isReporting = wasReporting }
        return check(node, value, &marks, tracking: tracking)
    }

    /// The problems that a subschema has with the value, for a message; none are kept.
    mutating func problems(of node: Int, _ value: JSONValue) -> [Problem] {
        let (outer, outerPath) = (problems, path)
        (problems, path) = ([], [])
        defer { (problems, path) = (outer, outerPath) }
        var marks = SchemaMarks()
        _ = check(node, value, &marks, tracking: false)
        return problems
    }

    // MARK: Subschemas

    /// Applies a subschema to the value. With `tracking` the members and items it looked at are marked where it holds.
    mutating func check(_ place: Int, _ value: JSONValue, _ marks: inout SchemaMarks, tracking: Bool) -> Bool {
        let node = tree.nodes[place]
        if let always = node.always {
            if !always { _ = report("is not allowed here: remove it") }
            return always
        }
        guard depth < SchemaBounds.depthMax, checksLeft > 0 else { return exhaust() }
        depth += 1
        checksLeft -= 1
        let entersResource = !tree.dynamicAnchors.isEmpty && scope.last != node.resource
        if entersResource { scope.append(node.resource) }
        defer {
            depth -= 1
            if entersResource { scope.removeLast() }
        }
        if !node.types.isEmpty, node.types.isDisjoint(with: SchemaTypes(of: value)) {
            _ = report(SchemaMessage.type(node.types, of: value))
            return false
        }
        if node.asksForMarks {
            var own = SchemaMarks()
            guard applyWithUnevaluated(node, value, &own) else { return false }
            if tracking { marks.merge(own) }
            return true
        }
        guard tracking else { return apply(node, value, &marks, tracking: false) }
        var own = SchemaMarks()
        guard apply(node, value, &own, tracking: true) else { return false }
        marks.merge(own)
        return true
    }

    private mutating func exhaust() -> Bool {
        exhausted =
            depth >= SchemaBounds.depthMax
            ? "cannot be checked: the schema goes in circles here, or the value is nested too deep"
            : "cannot be checked: the schema asks for too many steps with this value"
        return false
    }

    private mutating func apply(
        _ node: SchemaNode, _ value: JSONValue, _ marks: inout SchemaMarks, tracking: Bool
    ) -> Bool {
        var isValid = true
        if let rules = node.values, !checkValues(rules, value) {
            isValid = false
            if !goesOn { return false }
        }
        let holds =
            switch value {
            case .string(let text): node.strings.map { checkString($0, text) } ?? true
            case .integer, .decimal, .exact: node.numbers.map { checkNumber($0, value) } ?? true
            case .object(let object): node.objects.map { checkObject($0, object, value, &marks, tracking) } ?? true
            case .array(let items): node.arrays.map { checkArray($0, items, &marks, tracking) } ?? true
            case .null, .bool: true
            }
        if !holds {
            isValid = false
            if !goesOn { return false }
        }
        if let rules = node.combination, !checkCombination(rules, value, &marks, tracking) { isValid = false }
        return isValid
    }

    /// What was not looked at is asked for only where all else holds: a subschema that fails marks nothing, and its
    /// members would be reported twice.
    private mutating func applyWithUnevaluated(
        _ node: SchemaNode, _ value: JSONValue, _ marks: inout SchemaMarks
    ) -> Bool {
        guard apply(node, value, &marks, tracking: true) else { return false }
        switch value {
        case .object(let object):
            guard let rest = node.objects?.unevaluated else { return true }
            return checkUnevaluated(rest, object, &marks)
        case .array(let items):
            guard let rest = node.arrays?.unevaluated else { return true }
            return checkUnevaluated(rest, items, &marks)
        default: return true
        }
    }

    /// The target of a `$dynamicRef`: that of the outermost resource entered which has the name.
    func target(of reference: CombinationRules.Dynamic) -> Int {
        if reference.anchor.isEmpty { return reference.fallback }
        for resource in scope {
            let anchor = SchemaTree.Anchor(resource: resource, name: reference.anchor)
            if let target = tree.dynamicAnchors[anchor] { return target }
        }
        return reference.fallback
    }
}
