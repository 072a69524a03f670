/// One way out of a node, as step events name it.
package struct PlanWay: Sendable, Hashable {
    package let node: String
    package let path: String
}

extension Plan {
    /// Every way out of every node, in the order of the journey: what a simulation can cover. Those by which an error
    /// ends the instance are not among them.
    package var ways: [PlanWay] {
        nodes.flatMap { node in
            Self.paths(of: node.step).map { PlanWay(node: node.id, path: $0) }
        }
    }

    /// The nodes in the order of the journey, with their types.
    package var nodeTypes: [(id: String, type: String)] { nodes.map { ($0.id, $0.type) } }

    private static func paths(of step: PlanStep) -> [String] {
        switch step {
        case .event(let step): step.timeoutMilliseconds == nil ? ["next"] : Set(["next", step.timeoutPath]).sorted()
        case .reaction(let step):
            step.timeoutMilliseconds == nil ? ["next"] : Set(["next", step.timeoutPath]).sorted()
        case .condition(let step):
            step.paths.map(\.label) + (step.otherwise == nil ? [] : ["otherwise"])
                + (step.onError == nil ? [] : ["onError"])
        case .action(let step): step.onError == nil ? ["next"] : ["next", "onError"]
        case .updateProfile(let step): step.onError == nil ? ["next"] : ["next", "onError"]
        case .wait, .audience, .jump, .readAudience, .businessEvent: ["next"]
        case .end: []
        }
    }
}
