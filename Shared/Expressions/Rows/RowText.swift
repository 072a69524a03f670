import Models

extension RowGroup {
    /// The expression that means the same.
    package var text: String {
        isNegated ? "not (\(inner))" : inner
    }

    private var inner: String {
        members.map { member in
            switch member {
            case .row(let row): row.text
            case .group(let group): group.isNegated ? group.text : "(\(group.text))"
            }
        }.joined(separator: isAnd ? " and " : " or ")
    }
}

extension Row {
    /// Text of the value where an operand stands, and where an argument does.
    private var operand: String {
        switch value {
        case .literal(let json)?: RowText.literal(json) ?? "null"
        case .expression(let text)?: RowReader.bindsLooser(text) ? "(\(text))" : text
        case nil: ""
        }
    }

    private var argument: String {
        if case .expression(let text)? = value { return text }
        return operand
    }

    var text: String {
        if let comparison = test.comparison { return "\(field) \(comparison.rawValue) \(operand)" }
        if let valueTest = test.valueTest { return "\(field) \(valueTest.rawValue)" }
        if let function = test.function { return "\(function)(\(field)\(value == nil ? "" : ", " + argument))" }
        return switch test {
        case .isFalse: "\(field) == false"
        case .includes: "in(\(argument), \(field))"
        case .inAudience: "inAudience(\(argument))"
        default: field
        }
    }
}

/// Values as the language writes them.
enum RowText {
    /// nil for null, objects, numbers beyond 64 bits, and lists of anything but scalars.
    static func literal(_ json: JSONValue) -> String? {
        switch json {
        case .string(let text): return quoted(text)
        case .integer(let value): return String(value)
        case .decimal(let value): return "\(value)"
        case .bool(let value): return value ? "true" : "false"
        case .array(let items):
            var texts: [String] = []
            for item in items {
                if case .array = item { return nil }
                guard let text = literal(item) else { return nil }
                texts.append(text)
            }
            return "[\(texts.joined(separator: ", "))]"
        case .null, .exact, .object: return nil
        }
    }

    /// A string literal in double quotes.
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": quoted += "\\\\"
            case "\"": quoted += "\\\""
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case "\r": quoted += "\\r"
            case _ where scalar.value < 0x20:
                quoted += "\\u00" + (scalar.value < 0x10 ? "0" : "") + String(scalar.value, radix: 16)
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    /// A segment of a path, in quotes where it needs them. Outside braces a `-` is the operator.
    static func segment(_ name: String, inBraces: Bool) -> String {
        func isLetter(_ byte: UInt8) -> Bool {
            (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "_")
        }
        func isWord(_ byte: UInt8) -> Bool {
            isLetter(byte) || (0x30...0x39).contains(byte) || (inBraces && byte == UInt8(ascii: "-"))
        }
        guard let first = name.utf8.first, isLetter(first), name.utf8.allSatisfy(isWord) else {
            return name.contains("'") || name.unicodeScalars.contains { $0.value < 0x20 } || name.contains("\\")
                ? quoted(name) : "'\(name)'"
        }
        return name
    }
}
