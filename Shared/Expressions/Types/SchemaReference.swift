import Models

/// References within one schema.
package enum SchemaReference {
    /// The part that `#` or `#/$defs/name` names, with the escapes of JSON Pointer; nil where it is not there, or the
    /// reference is of another form.
    package static func target(of reference: String, in root: JSONValue) -> JSONValue? {
        if reference == "#" { return root }
        guard reference.hasPrefix("#/") else { return nil }
        var target = root
        for part in reference.dropFirst(2).split(separator: "/", omittingEmptySubsequences: false) {
            let name = part.replacing("~1", with: "/").replacing("~0", with: "~")
            guard let next = target[String(name)] ?? Int(name).flatMap({ target[$0] }) else { return nil }
            target = next
        }
        return target
    }
}
