import Models

/// A field of the values that a schema describes.
package struct SchemaField: Sendable, Hashable {
    /// Names with dots between; `[]` behind an array's name stands for each of its items: `items[].price`.
    package let path: String
    /// A name of JSON Schema, several with commas between, or `any`.
    package let type: String
    /// Whether it and everything above it must be there.
    package let required: Bool
    /// The asserted format of a string.
    package let format: String?
    /// The title of the schema at that place, or its description.
    package let title: String?

    package init(path: String, type: String, required: Bool, format: String? = nil, title: String? = nil) {
        self.path = path
        self.type = type
        self.required = required
        self.format = format
        self.title = title
    }

    /// `{"path", "type", "required", "format"?, "title"?}`.
    package var json: JSONValue {
        var object: JSONObject = ["path": .string(path), "type": .string(type), "required": .bool(required)]
        if let format { object["format"] = .string(format) }
        if let title { object["title"] = .string(title) }
        return .object(object)
    }
}

/// Lists the fields that a schema names, for people who choose among them.
package enum SchemaFields {
    /// The fields in the schema's order, an object before its members, at most ``SchemaBounds/fieldsMax``.
    ///
    /// References are followed, alternatives put together; a subschema inside itself is listed and not entered again.
    package static func fields(of schema: CompiledSchema) -> [SchemaField] {
        var list = List(tree: schema.tree)
        list.addMembers(of: [0], path: "", isRequired: true, around: [0])
        return list.fields
    }

    private struct List {
        let tree: SchemaTree
        var fields: [SchemaField] = []

        mutating func addMembers(of nodes: [Int], path: String, isRequired: Bool, around: Set<Int>) {
            for property in SchemaView(nodes, in: tree).properties {
                let inner = path.isEmpty ? property.name : "\(path).\(property.name)"
                add(property.nodes, path: inner, isRequired: isRequired && property.isRequired, around: around)
            }
        }

        private mutating func add(_ nodes: [Int], path: String, isRequired: Bool, around: Set<Int>) {
            guard fields.count < SchemaBounds.fieldsMax else { return }
            let view = SchemaView(nodes, in: tree)
            let names = view.types.isEmpty ? "any" : view.types.names.joined(separator: ", ")
            fields.append(
                SchemaField(
                    path: path, type: names, required: isRequired, format: view.format?.rawValue, title: view.title))
            enter(nodes, path: path, isRequired: isRequired, around: around)
        }

        private mutating func enter(_ nodes: [Int], path: String, isRequired: Bool, around: Set<Int>) {
            guard around.isDisjoint(with: nodes), around.count < SchemaBounds.nestingMax else { return }
            let around = around.union(nodes)
            addMembers(of: nodes, path: path, isRequired: isRequired, around: around)
            let items = SchemaView(nodes, in: tree).items
            guard !items.isEmpty else { return }
            let view = SchemaView(items, in: tree)
            if view.properties.isEmpty {
                add(items, path: path + "[]", isRequired: isRequired, around: around)
            } else {
                enter(items, path: path + "[]", isRequired: isRequired, around: around)
            }
        }
    }
}
