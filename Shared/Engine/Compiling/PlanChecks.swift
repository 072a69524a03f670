import Models

/// What is checked of the nodes before their expressions: ids, the entry, the ways.
extension PlanCompiler {
    mutating func checkIDs() {
        for (place, node) in document.nodes.enumerated() where !node.id.isEmpty {
            if !JourneyNode.isID(node.id) {
                report(
                    .invalidNodeId, node: place, field: "/id",
                    "The id \(quoted(node.id)) is not 1 to \(JourneyNode.idBytesMax) letters, digits, _, - and dots.",
                    "Give the node an id of these characters.")
            }
            if indexes[node.id] != place {
                report(
                    .duplicateNodeId, node: place, field: "/id", "Another node has the id \(quoted(node.id)) already.",
                    "Give each node an id of its own.")
            }
        }
    }

    mutating func checkEntry() {
        guard let first = document.nodes.first else {
            report(.noNodes, field: "/nodes", "The journey has no nodes.", "Add an entry event and what follows it.")
            return
        }
        if !first.isEntry {
            if let other = document.nodes.firstIndex(where: \.isEntry) {
                report(
                    .entryNotFirst, node: other,
                    "The journey begins with its first node, and this entry is not the first.",
                    "Move the entry to the front of the nodes.")
            } else {
                report(
                    .noEntry, node: 0,
                    "The journey begins with a node of type \(quoted(first.type)), by which nobody enters.",
                    "Begin with an event or an audience.")
            }
        }
        for (place, node) in document.nodes.enumerated().dropFirst()
        where node.isEntry && predecessors[place] == 0 && first.isEntry {
            report(
                .multipleEntries, node: place, "Nothing leads to this node, so it would be a second entry.",
                "Lead a way to it, or put it into a journey of its own.")
        }
        let reachable = graph.reachable()
        for (place, node) in document.nodes.enumerated() where !reachable[place] {
            if node.isEntry, predecessors[place] == 0 { continue }
            report(.unreachable, .warning, node: place, "No way leads here.", "Lead a way to the node, or remove it.")
        }
        guard case .event(let entry) = first.body else { return }
        if entry.timeoutMilliseconds != nil || entry.onTimeout != nil {
            report(
                .timeoutAtEntry, node: 0, field: "/timeout", "At the entry a timeout means nothing.",
                "Remove timeout and onTimeout.")
        }
        if entry.match != nil, !inLoop[0] {
            report(
                .matchAtEntry, node: 0, field: "/match", "At the entry there are no earlier events to match.",
                "Use filter to choose the events by which people enter.")
        }
    }

    mutating func checkWays() {
        for (place, node) in document.nodes.enumerated() {
            for way in node.ways {
                for target in way.targets { checkTarget(target, of: way, place) }
            }
        }
        let rest = graph.components { [document] in document.nodes[$0].breaksLoops }
        var sizes: [Int: Int] = [:]
        for number in rest where number >= 0 { sizes[number, default: 0] += 1 }
        var told: Set<Int> = []
        for place in document.nodes.indices where rest[place] >= 0 && !told.contains(rest[place]) {
            guard sizes[rest[place], default: 0] > 1 || graph.edges[place].contains(where: { $0.to == place })
            else { continue }
            told.insert(rest[place])
            report(
                .loopWithoutWait, node: place, "A way leads from here back to here without a wait or an event on it.",
                "Put a wait or an event into the loop.")
        }
    }

    private mutating func checkTarget(_ target: String, of way: JourneyNode.WayOut, _ place: Int) {
        guard let to = indexes[target] else {
            report(
                .unknownNext, node: place, field: way.field, "There is no node \(quoted(target)).",
                "Lead the way to a node that there is.")
            return
        }
        if way.targets.count > 1, !document.nodes[to].mayBeBranch {
            report(
                .branchNotListening, node: place, field: way.field,
                "Of several branches each must begin with an event, a reaction, an audience change or a wait; "
                    + "\(quoted(target)) is of type \(quoted(document.nodes[to].type)).",
                "Lead to that node alone, or use a condition.")
        }
    }

    func quoted(_ text: String) -> String {
        text.count > 80 ? "“\(text.prefix(80))…”" : "“\(text)”"
    }
}

extension JourneyNode {
    /// Whether people may enter a journey by it.
    var isEntry: Bool {
        switch body {
        case .event, .businessEvent, .audience, .readAudience: true
        default: false
        }
    }

    var mayBeBranch: Bool {
        switch body {
        case .event, .audience, .reaction, .wait: true
        default: false
        }
    }

    /// Whether a loop through it stops here.
    var breaksLoops: Bool { mayBeBranch }
}
