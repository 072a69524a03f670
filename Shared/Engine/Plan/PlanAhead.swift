/// Which nodes follow a node, and which an instance may come to with what it keeps.
extension Plan {
    /// The nodes that an instance may come to from a node before what it keeps is forgotten, the node among them.
    ///
    /// - Parameter waitsStop: whether an instance stops at waits, as all do but those of a test that waits for nothing.
    func ahead(of node: Int, waitsStop: Bool) -> [Bool] {
        var seen = [Bool](repeating: false, count: nodes.count)
        seen[node] = true
        var waiting = [node]
        while let place = waiting.popLast() {
            nodes[place].step.carrying(nodes[place].next, waitsStop: waitsStop) { target in
                if seen[target] { return }
                seen[target] = true
                waiting.append(target)
            }
        }
        return seen
    }

    /// The nodes from which an instance may come to this one with what it keeps, the node among them.
    func leading(to goal: Int, waitsStop: Bool) -> [Bool] {
        graph { node, add in node.step.carrying(node.next, waitsStop: waitsStop, add) }.leading(to: [goal])
    }

    /// The nodes from which some way leads to one of these, themselves among them.
    func leading(to goals: [Int]) -> [Bool] {
        graph { node, add in node.step.following(node.next, add) }.leading(to: Set(goals))
    }

    private func graph(_ visit: (PlanNode, (Int) -> Void) -> Void) -> JourneyGraph {
        JourneyGraph(
            edges: nodes.map { node in
                var edges: [JourneyGraph.Edge] = []
                visit(node) { edges.append(.init(to: $0, gives: true)) }
                return edges
            })
    }
}

extension PlanStep {
    /// Every node that may follow.
    func following(_ next: [Int], _ visit: (Int) -> Void) {
        next.forEach(visit)
        switch self {
        case .event(let step): step.onTimeout.forEach(visit)
        case .reaction(let step): step.onTimeout.forEach(visit)
        case .condition(let step):
            for path in step.paths { path.next.forEach(visit) }
            step.otherwise?.forEach(visit)
            step.onError?.forEach(visit)
        case .action(let step): step.onError?.forEach(visit)
        case .updateProfile(let step): step.onError?.forEach(visit)
        case .audience, .wait, .jump, .readAudience, .businessEvent, .end: break
        }
    }

    /// The nodes that may follow without what is kept being forgotten: at a node that listens something kept is taken
    /// by `next`, or all is forgotten.
    func carrying(_ next: [Int], waitsStop: Bool, _ visit: (Int) -> Void) {
        switch self {
        case .event, .reaction: next.forEach(visit)
        case .wait(.elapsed(let milliseconds)) where waitsStop && milliseconds > 0: break
        case .wait(.at) where waitsStop: break
        case .audience, .condition, .wait, .action, .updateProfile, .jump, .readAudience, .businessEvent, .end:
            following(next, visit)
        }
    }
}
