import Models

/// What is different between two documents of a journey: by node and field, by property; how it is drawn and called
/// apart from what it does.
///
/// Nodes are the same where their ids are. Fields are JSON pointers into the node, or into the document. Items of a
/// list that have an `id` or `label` of their own, such as the paths of a condition, are the same where that is, and
/// may have moved; items of other lists are compared by their places.
struct JourneyDifference {
    /// How one value is not as it was.
    struct Change: Hashable {
        enum Kind: String {
            case added, removed, changed, moved
        }

        let field: String
        let kind: Kind
        let old: JSONValue?
        let new: JSONValue?

        var json: JSONValue {
            var object: JSONObject = ["field": .string(field), "change": .string(kind.rawValue)]
            object["from"] = old
            object["to"] = new
            return .object(object)
        }
    }

    /// A node that is in one document only, or that does not do the same in both.
    struct Node: Hashable {
        let id: String
        let kind: Change.Kind
        /// Of the newer document, or of the older one where the node is gone.
        let type: String
        let fields: [Change]

        var json: JSONValue {
            var object: JSONObject = [
                "node": .string(id), "change": .string(kind.rawValue), "type": .string(type),
            ]
            if kind == .changed { object["fields"] = .array(fields.map(\.json)) }
            return .object(object)
        }
    }

    /// Members of a node that say how it looks and nothing of what it does.
    static let looks: Set<String> = ["label", "position"]

    /// Of `properties`, with pointers that begin there: `/timezone`.
    let properties: [Change]
    /// In the order of the newer document, those that are gone last.
    let nodes: [Node]
    /// Labels and positions, by node.
    let looks: [(node: String, change: Change)]
    /// Of the journey's description.
    let description: Change?

    /// Whether both do the same.
    var isSame: Bool { properties.isEmpty && nodes.isEmpty }

    init(from old: JSONObject, to new: JSONObject) {
        properties = Self.changes(old["properties"] ?? [:], new["properties"] ?? [:], "")
        description = Self.changes(old["description"], new["description"], "/description").first
        let olds = Self.nodes(old), news = Self.nodes(new)
        let before = Dictionary(olds.map { ($0.id, $0.object) }, uniquingKeysWith: { first, _ in first })
        let after = Set(news.map(\.id))
        var nodes: [Node] = []
        var looks: [(node: String, change: Change)] = []
        for (id, node) in news {
            let type = node["type"]?.stringValue ?? ""
            guard let former = before[id] else {
                nodes.append(Node(id: id, kind: .added, type: type, fields: []))
                continue
            }
            let fields = Self.changes(.object(Self.deeds(former)), .object(Self.deeds(node)), "")
            if !fields.isEmpty { nodes.append(Node(id: id, kind: .changed, type: type, fields: fields)) }
            for member in Self.looks.sorted() {
                // What two documents say of a place is one change, not one of x and one of y.
                guard former[member] != node[member] else { continue }
                let kind: Change.Kind = member == "position" ? .moved : .changed
                let change = Change(field: "/" + member, kind: kind, old: former[member], new: node[member])
                looks.append((id, change))
            }
        }
        for (id, node) in olds where !after.contains(id) {
            nodes.append(Node(id: id, kind: .removed, type: node["type"]?.stringValue ?? "", fields: []))
        }
        self.nodes = nodes
        self.looks = looks
    }

    var json: JSONObject {
        var object: JSONObject = [
            "same": .bool(isSame), "properties": .array(properties.map(\.json)), "nodes": .array(nodes.map(\.json)),
            "looks": .array(
                looks.map { node, change in
                    var object: JSONObject = ["node": .string(node)]
                    object.merge(change.json.objectValue ?? [:])
                    return .object(object)
                }),
        ]
        if let description { object["description"] = description.json }
        return object
    }

    /// The ids of the nodes, in the document's order: what a plan counts them by.
    static func order(_ document: JSONObject) -> [String] { nodes(document).map(\.id) }

    private static func nodes(_ document: JSONObject) -> [(id: String, object: JSONObject)] {
        (document["nodes"]?.arrayValue ?? []).compactMap { node in
            guard let object = node.objectValue, let id = object["id"]?.stringValue else { return nil }
            return (id, object)
        }
    }

    private static func deeds(_ node: JSONObject) -> JSONObject {
        JSONObject(node.filter { !looks.contains($0.key) }.map { ($0.key, $0.value) })
    }
}

// MARK: - Values

extension JourneyDifference {
    private static func changes(_ old: JSONValue?, _ new: JSONValue?, _ path: String) -> [Change] {
        switch (old, new) {
        case (nil, nil): return []
        case (let old?, nil): return [Change(field: path, kind: .removed, old: old, new: nil)]
        case (nil, let new?): return [Change(field: path, kind: .added, old: nil, new: new)]
        case (.object(let old)?, .object(let new)?):
            var found = new.flatMap { changes(old[$0.key], $0.value, path + "/" + escaped($0.key)) }
            for (key, value) in old where new[key] == nil {
                found += changes(value, nil, path + "/" + escaped(key))
            }
            return found
        case (.array(let old)?, .array(let new)?):
            if let olds = names(old), let news = names(new) { return moves(olds, news, path) }
            return (0..<max(old.count, new.count)).flatMap { place in
                changes(
                    place < old.count ? old[place] : nil, place < new.count ? new[place] : nil, "\(path)/\(place)")
            }
        case (let old?, let new?):
            return old == new ? [] : [Change(field: path, kind: .changed, old: old, new: new)]
        }
    }

    /// The items by their own names; nil where one has none, or two the same.
    private static func names(_ items: [JSONValue]) -> [(name: String, item: JSONValue)]? {
        var seen: Set<String> = []
        var named: [(String, JSONValue)] = []
        for item in items {
            guard let name = item["id"]?.stringValue ?? item["label"]?.stringValue, seen.insert(name).inserted else {
                return nil
            }
            named.append((name, item))
        }
        return named
    }

    /// Items of a list that have names: which came, went, changed or stand elsewhere among those that stayed.
    private static func moves(
        _ olds: [(name: String, item: JSONValue)], _ news: [(name: String, item: JSONValue)], _ path: String
    ) -> [Change] {
        let before = Dictionary(uniqueKeysWithValues: olds.enumerated().map { ($1.name, (place: $0, item: $1.item)) })
        let after = Set(news.map(\.name))
        let stayed = olds.filter { after.contains($0.name) }.map(\.name)
        let order = Dictionary(uniqueKeysWithValues: stayed.enumerated().map { ($1, $0) })
        var found: [Change] = []
        var rank = 0
        for (place, (name, item)) in news.enumerated() {
            let here = "\(path)/\(place)"
            guard let former = before[name] else {
                found.append(Change(field: here, kind: .added, old: nil, new: item))
                continue
            }
            if order[name] != rank {
                found.append(Change(field: here, kind: .moved, old: JSONValue(former.place), new: JSONValue(place)))
            }
            rank += 1
            found += changes(former.item, item, here)
        }
        for (place, (name, item)) in olds.enumerated() where !after.contains(name) {
            found.append(Change(field: "\(path)/\(place)", kind: .removed, old: item, new: nil))
        }
        return found
    }

    private static func escaped(_ key: String) -> String {
        key.replacing("~", with: "~0").replacing("/", with: "~1")
    }
}
