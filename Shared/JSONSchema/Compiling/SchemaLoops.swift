/// Subschemas that lead back to themselves without going into a member or an item: checking would never end.
///
/// What `$dynamicRef` finds is known only at run time; there ``SchemaBounds/depthMax`` ends it.
enum SchemaLoops {
    static func refuse(in nodes: [SchemaNode]) throws(SchemaError) {
        var isDone = Array(repeating: false, count: nodes.count)
        var isOnTheWay = isDone
        // A walk in depth with its own stack: chains of references may be long.
        for start in nodes.indices where !isDone[start] {
            var stack = [(node: start, followers: followers(of: nodes[start]), next: 0)]
            isOnTheWay[start] = true
            while let top = stack.last {
                guard top.next < top.followers.count else {
                    isOnTheWay[top.node] = false
                    isDone[top.node] = true
                    stack.removeLast()
                    continue
                }
                stack[stack.count - 1].next += 1
                let next = top.followers[top.next]
                if isOnTheWay[next] {
                    let reason = "refers back to itself without going into a member or an item, so it would never end"
                    throw SchemaError(pointer: nodes[top.node].location.pointer, reason: reason)
                }
                if isDone[next] { continue }
                isOnTheWay[next] = true
                stack.append((next, followers(of: nodes[next]), 0))
            }
        }
    }

    /// The subschemas that look at the same value.
    private static func followers(of node: SchemaNode) -> [Int] {
        guard let combination = node.combination else { return node.objects?.dependentSchemas.map(\.node) ?? [] }
        var nodes = combination.nodes
        if let dynamic = combination.dynamic, !dynamic.anchor.isEmpty { nodes.removeAll { $0 == dynamic.fallback } }
        return nodes + (node.objects?.dependentSchemas.map(\.node) ?? [])
    }
}
