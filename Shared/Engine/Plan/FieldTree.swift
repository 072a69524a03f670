import Models

/// Paths that are read of a value, as a tree: what lies outside is not kept.
struct FieldTree: Sendable, Hashable {
    private(set) var isWhole = false
    private var children: [(name: String, tree: FieldTree)] = []

    static let whole: FieldTree = {
        var tree = FieldTree(paths: [])
        tree.isWhole = true
        return tree
    }()

    /// JSON is not nested deeper than this, so what a path says beyond is nothing.
    private static let depthMax = 128

    /// The tree of these paths; an empty path is the whole value.
    init(paths: Set<[String]>) {
        for path in paths.sorted(by: { $0.lexicographicallyPrecedes($1) }) { append(path.prefix(Self.depthMax)) }
    }

    var isEmpty: Bool { !isWhole && children.isEmpty }

    /// Paths come sorted, so a shorter one comes before those below it and equal beginnings follow each other.
    private mutating func append(_ path: ArraySlice<String>) {
        if isWhole { return }
        guard let name = path.first else {
            isWhole = true
            return
        }
        if children.last?.name != name { children.append((name, FieldTree(paths: []))) }
        children[children.count - 1].tree.append(path.dropFirst())
    }

    /// The value with these paths alone; a path through an array goes into each of its items.
    func restricting(_ value: JSONValue) -> JSONValue {
        if isWhole { return value }
        switch value {
        case .object(let object):
            var kept = JSONObject(minimumCapacity: children.count)
            for (name, tree) in children {
                if let member = object[name] { kept[name] = tree.restricting(member) }
            }
            return .object(kept)
        case .array(let items): return .array(items.map(restricting))
        default: return value
        }
    }

    /// The paths as texts such as `a.b`, segments quoted where they must be.
    var paths: [String] {
        var paths: [String] = []
        gather(&paths, prefix: "")
        return paths
    }

    private func gather(_ paths: inout [String], prefix: String) {
        for (name, tree) in children {
            let path = prefix.isEmpty ? Self.segment(name) : prefix + "." + Self.segment(name)
            if tree.isWhole { paths.append(path) } else { tree.gather(&paths, prefix: path) }
        }
    }

    private static func segment(_ name: String) -> String {
        func isPlain(_ byte: UInt8) -> Bool {
            (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A || byte == 0x5F || byte == 0x2D
                || (0x30...0x39).contains(byte)
        }
        if let first = name.utf8.first, !(0x30...0x39).contains(first), first != 0x2D, name.utf8.allSatisfy(isPlain) {
            return name
        }
        let escaped = name.replacing("\\", with: "\\\\").replacing("'", with: "\\'")
        return "'\(escaped)'"
    }

    static func == (one: FieldTree, other: FieldTree) -> Bool {
        one.isWhole == other.isWhole && one.children.elementsEqual(other.children) { $0 == $1 }
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(isWhole)
        for (name, tree) in children {
            hasher.combine(name)
            hasher.combine(tree)
        }
    }
}
