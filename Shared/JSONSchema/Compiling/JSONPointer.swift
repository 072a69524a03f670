import Models

/// Pieces of JSON pointers (RFC 6901) as they stand in paths of problems and schemas.
enum JSONPointer {
    /// A member's name or an item's index with a slash before it, escaped.
    static func step(_ name: String) -> String {
        guard name.utf8.contains(where: { $0.isOne(of: "~/") }) else { return "/" + name }
        var step = "/"
        for scalar in name.unicodeScalars {
            switch scalar {
            case "~": step += "~0"
            case "/": step += "~1"
            default: step.unicodeScalars.append(scalar)
            }
        }
        return step
    }

    /// The names of a pointer; nil where it is none.
    static func names(_ pointer: String) -> [String]? {
        if pointer.isEmpty { return [] }
        guard pointer.utf8.first == UInt8(ascii: "/") else { return nil }
        return pointer.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map {
            var name: [UInt8] = []
            var isEscaped = false
            for byte in $0 {
                if isEscaped {
                    name.append(byte == UInt8(ascii: "1") ? UInt8(ascii: "/") : UInt8(ascii: "~"))
                    isEscaped = false
                } else if byte == UInt8(ascii: "~") {
                    isEscaped = true
                } else {
                    name.append(byte)
                }
            }
            return String(decoding: name, as: UTF8.self)
        }
    }

    /// What a name leads to inside a value.
    static func member(_ name: String, of value: JSONValue) -> JSONValue? {
        switch value {
        case .object(let object): object[name]
        case .array(let items): Int(name).flatMap { items.indices.contains($0) ? items[$0] : nil }
        default: nil
        }
    }
}
