import Models

/// Seals and opens secrets: the store keeps them sealed only. A service makes it from its key file.
package struct SecretSealing: Sendable {
    private let sealText: @Sendable (String) throws -> String
    private let openText: @Sendable (String) throws -> String

    package init(
        seal: @escaping @Sendable (String) throws -> String, open: @escaping @Sendable (String) throws -> String
    ) {
        sealText = seal
        openText = open
    }

    /// For a service that was started without a key file: whatever holds a secret is refused.
    package static let withoutKey = SecretSealing(
        seal: { _ in throw MissingKey() }, open: { _ in throw MissingKey() })

    package func seal(_ plain: String) throws(DefinitionError) -> String {
        do { return try sealText(plain) } catch {
            throw DefinitionError(
                .sealing, "The secret cannot be sealed: the service has no key for it (master-key-file).", cause: error)
        }
    }

    package func open(_ sealed: String) throws(DefinitionError) -> String {
        do { return try openText(sealed) } catch {
            throw DefinitionError(
                .sealing, "A stored secret could not be opened; it was sealed with another key.", cause: error)
        }
    }
}

private struct MissingKey: Error {}

extension Secret {
    /// The secret's text. Never for logs, answers or errors.
    package func opened(_ sealing: SecretSealing) throws(DefinitionError) -> String {
        switch self {
        case .plain(let text): text
        case .sealed(let text): try sealing.open(text)
        }
    }
}

extension DefinitionKind {
    /// The document as a caller or the audit may see it: the mask in the place of each secret, hidden members gone.
    package func masked(_ document: JSONObject) -> JSONObject {
        var shown = document
        for path in secretPaths(in: document) { Self.change(&shown, path[...]) { _ in .string(Secret.mask) } }
        for member in hiddenMembers { shown[member] = nil }
        return shown
    }

    /// The document for an export: secrets left out, and the JSON pointers of those that there were.
    package func withoutSecrets(_ document: JSONObject) -> (document: JSONObject, secrets: [String]) {
        var shown = document
        var left: [String] = []
        for path in secretPaths(in: document) {
            Self.change(&shown, path[...]) { _ in
                left.append("/" + path.joined(separator: "/"))
                return nil
            }
        }
        for member in hiddenMembers { shown[member] = nil }
        shown["revision"] = nil
        return (shown, left)
    }

    /// The document as it is to be stored: a new secret sealed, a mask or (in a whole new document that leaves it
    /// out) nothing replaced by what is stored, hidden members taken over.
    ///
    /// - Throws: ``DefinitionError/Code/invalid`` where a mask has nothing behind it, or where a caller gives sealed
    ///   text or a hidden member: what was sealed for one place must not be taken to another.
    package func sealed(
        _ document: JSONObject, stored: JSONObject?, _ sealing: SecretSealing
    ) throws(DefinitionError) -> JSONObject {
        var result = document
        var problems: [Problem] = []
        for path in secretPaths(in: document, stored ?? [:]) {
            let pointer = "/" + path.joined(separator: "/")
            let kept = stored.flatMap { JSONValue.object($0).value(at: path) }
            guard let given = JSONValue.object(document).value(at: path), !given.isNull else {
                // An exported document comes back without its secrets: where nothing else about the member's
                // surroundings changed, the stored one is meant.
                if let kept, let stored, surroundings(document, stored, path) {
                    Self.set(&result, path[...], kept)
                }
                continue
            }
            guard let text = given.stringValue else {
                problems.append(Problem(path: pointer, message: "must be a string"))
                continue
            }
            if text == Secret.mask {
                guard let kept else {
                    problems.append(Problem(path: pointer, message: "is the mask, and no secret is stored here yet"))
                    continue
                }
                Self.set(&result, path[...], kept)
            } else if let kept, case .sealed(let old)? = Secret(stored: kept), (try? sealing.open(old)) == text {
                // The same secret again: its sealed text stays, so that an unchanged document is unchanged.
                Self.set(&result, path[...], kept)
            } else {
                Self.set(&result, path[...], ["sealed": .string(try sealing.seal(text))])
            }
        }
        for member in hiddenMembers {
            if let given = document[member], given != stored?[member] {
                problems.append(Problem(path: "/\(member)", message: "is kept by Sojourn and cannot be set"))
            }
            result[member] = stored?[member]
        }
        if !problems.isEmpty {
            throw DefinitionError(.invalid, "The \(singular) cannot be taken as it is.", problems: problems)
        }
        return result
    }

    /// The secret paths that documents have, with the members for which a `*` stands.
    private func secretPaths(in documents: JSONObject...) -> [[String]] {
        secretPaths.flatMap { path -> [[String]] in
            guard path.last == "*" else { return [path] }
            var names: [String] = []
            for document in documents {
                let object = JSONValue.object(document).value(at: path.dropLast())?.objectValue ?? [:]
                for name in object.keys where !names.contains(name) { names.append(name) }
            }
            return names.map { Array(path.dropLast()) + [$0] }
        }
    }

    /// Whether the object around a secret is the same in both documents, the secrets apart. Of an object whose members
    /// are all secrets: whether none is given, as in an export.
    private func surroundings(_ new: JSONObject, _ old: JSONObject, _ path: [String]) -> Bool {
        let parent = path.dropLast()
        guard let last = path.last, let one = JSONValue.object(new).value(at: parent)?.objectValue,
            let other = JSONValue.object(old).value(at: parent)?.objectValue
        else { return false }
        if secretPaths.contains(Array(parent) + ["*"]) { return one.isEmpty }
        return one.removing(last) == other.removing(last)
    }

    private static func set(_ object: inout JSONObject, _ path: ArraySlice<String>, _ value: JSONValue) {
        guard let key = path.first else { return }
        if path.count == 1 {
            object[key] = value
        } else if var inner = object[key]?.objectValue {
            set(&inner, path.dropFirst(), value)
            object[key] = .object(inner)
        }
    }

    /// Replaces the value at a path where there is one; nil removes it.
    private static func change(
        _ object: inout JSONObject, _ path: ArraySlice<String>, _ make: (JSONValue) -> JSONValue?
    ) {
        guard let key = path.first, let value = object[key] else { return }
        if path.count == 1 {
            object[key] = make(value)
        } else if var inner = value.objectValue {
            change(&inner, path.dropFirst(), make)
            object[key] = .object(inner)
        }
    }
}

extension Secret {
    /// Reads a secret of a stored document.
    init?(stored value: JSONValue) {
        if let sealed = value["sealed"]?.stringValue {
            self = .sealed(sealed)
        } else if let text = value.stringValue {
            self = .plain(text)
        } else {
            return nil
        }
    }
}
