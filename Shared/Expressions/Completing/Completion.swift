import Models

/// What may be written at one place of an expression that may be incomplete or broken.
package struct Completion: Sendable {
    package enum Kind: String, Sendable {
        case field, event, source, group, action, function, keyword, attribute, audience, parameter, method, item
    }

    package struct Item: Sendable, Hashable {
        package let label: String
        package let kind: Kind
        /// The text that takes the place of the range.
        package let insert: String
        package var type: ValueType?
        package var documentation: String?
        package var signature: String?

        init(
            _ label: String, _ kind: Kind, insert: String? = nil, type: ValueType? = nil, documentation: String? = nil,
            signature: String? = nil
        ) {
            self.label = label
            self.kind = kind
            self.insert = insert ?? label
            self.type = type
            self.documentation = documentation
            self.signature = signature
        }
    }

    /// Items that are offered at once.
    package static let itemsMax = 200

    /// What fits the type that is needed comes first, then in the order of the labels.
    package let items: [Item]
    /// Whether more would fit than are offered.
    package let hasMore: Bool
    /// The range that an item's text replaces, in UTF-16 code units from the begin.
    package let from: Int
    package let to: Int

    /// What the text left of the cursor leaves open decides; of the text right of it only the rest of the word counts.
    ///
    /// - Parameters:
    ///   - cursor: In UTF-16 code units, as a browser's text field tells it; beyond the text it is the end.
    ///   - note: What is said of a thing: `["event", name, field…]`, `["profile", field…]`, `["source", name, group,
    ///     field…]`, `["action", name, field…]`.
    package init(
        _ text: String, cursor: Int, in scope: ExpressionScope, note: @escaping ([String]) -> String? = { _ in nil }
    ) {
        let place = text.utf8Offset(utf16: cursor)
        let bytes = Array(text.utf8)
        var scan = CompletionScan(Array(bytes[..<place]), scope)
        let situation = scan.situation()
        let maker = CompletionItems(scope: scope, note: note)
        let end = situation.word.end(in: bytes, from: place)
        let isCallAhead = end < bytes.count && bytes[end] == UInt8(ascii: "(")
        var found = maker.items(for: situation)
        if isCallAhead { found = found.map { $0.withoutCall } }
        let typed = situation.typed.lowercased()
        found = found.filter { $0.matches(typed) }
        let expected = situation.expected
        found.sort { one, other in
            let (first, second) = (one.fits(expected), other.fits(expected))
            return first == second ? (one.label, one.kind.rawValue) < (other.label, other.kind.rawValue) : first
        }
        items = Array(found.prefix(Self.itemsMax))
        hasMore = found.count > Self.itemsMax
        from = text.utf16Offset(utf8: situation.word.start)
        to = text.utf16Offset(utf8: end)
    }

    /// `{items: [{label, kind, insert, type?, documentation?, signature?}], replace: {from, to}, more?: true}`
    package var json: JSONValue {
        var object: JSONObject = [:]
        object["items"] = .array(items.map(\.json))
        object["replace"] = ["from": JSONValue(from), "to": JSONValue(to)]
        if hasMore { object["more"] = true }
        return .object(object)
    }
}

extension Completion.Item {
    fileprivate var json: JSONValue {
        var object: JSONObject = [:]
        object["label"] = .string(label)
        object["kind"] = .string(kind.rawValue)
        object["insert"] = .string(insert)
        if let type { object["type"] = .string(type.description) }
        if let documentation { object["documentation"] = .string(documentation) }
        if let signature { object["signature"] = .string(signature) }
        return .object(object)
    }

    /// Whether its label, or the last name of a path, begins with what was typed.
    fileprivate func matches(_ typed: String) -> Bool {
        if typed.isEmpty { return true }
        let name = label.lowercased()
        if name.hasPrefix(typed) { return true }
        return name.split(whereSeparator: { $0 == "." || $0 == "{" || $0 == "/" }).contains { $0.hasPrefix(typed) }
    }

    fileprivate func fits(_ expected: ValueType?) -> Bool {
        guard let expected, expected != .any, let type, type != .any else { return false }
        return type.fits(expected) || (expected.isNumeric && type.isNumeric)
    }

    /// For a place where the parenthesis is there already.
    fileprivate var withoutCall: Completion.Item {
        guard insert.hasSuffix("(") else { return self }
        return Completion.Item(
            label, kind, insert: String(insert.dropLast()), type: type, documentation: documentation,
            signature: signature)
    }
}

extension String {
    /// The offset in UTF-8 of one in UTF-16; inside a character of two units its begin, beyond the end the end.
    fileprivate func utf8Offset(utf16 offset: Int) -> Int {
        var (units, bytes) = (0, 0)
        for scalar in unicodeScalars {
            let width = UTF16.width(scalar)
            if units + width > offset { break }
            units += width
            bytes += UTF8.width(scalar)
        }
        return bytes
    }

    fileprivate func utf16Offset(utf8 offset: Int) -> Int {
        var (units, bytes) = (0, 0)
        for scalar in unicodeScalars {
            if bytes >= offset { break }
            units += UTF16.width(scalar)
            bytes += UTF8.width(scalar)
        }
        return units
    }
}
