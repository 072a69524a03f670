/// The five parts of a URI reference, and what it means against a base: RFC 3986, sections 3 and 5.2.
struct URIReference: Sendable, Hashable {
    var scheme: String?
    var authority: String?
    var path: String
    var query: String?
    var fragment: String?

    /// Any string has these parts (RFC 3986, appendix B); whether they are right is not asked.
    init(_ text: String) {
        var rest = Substring(text)
        fragment = Self.cut(&rest, after: "#")
        query = Self.cut(&rest, after: "?")
        if let colon = rest.firstIndex(of: ":"), rest[..<colon].utf8.first?.isLetter == true,
            rest[..<colon].utf8.allSatisfy({ $0.isLetter || $0.isDigit || $0.isOne(of: "+-.") })
        {
            scheme = rest[..<colon].lowercased()
            rest = rest[rest.index(after: colon)...]
        }
        if rest.hasPrefix("//") {
            rest = rest.dropFirst(2)
            let end = rest.firstIndex(of: "/") ?? rest.endIndex
            authority = String(rest[..<end])
            rest = rest[end...]
        }
        path = String(rest)
    }

    private static func cut(_ rest: inout Substring, after mark: Character) -> String? {
        guard let place = rest.firstIndex(of: mark) else { return nil }
        let part = String(rest[rest.index(after: place)...])
        rest = rest[..<place]
        return part
    }

    /// This reference, meant from the base.
    func resolved(against base: URIReference) -> URIReference {
        if scheme != nil { return withoutDots }
        var result = self
        result.scheme = base.scheme
        if authority != nil { return result.withoutDots }
        result.authority = base.authority
        if path.isEmpty {
            result.path = base.path
            if query == nil { result.query = base.query }
            return result
        }
        if !path.hasPrefix("/") {
            if base.authority != nil, base.path.isEmpty {
                result.path = "/" + path
            } else if let slash = base.path.lastIndex(of: "/") {
                result.path = String(base.path[...slash]) + path
            }
        }
        return result.withoutDots
    }

    private var withoutDots: URIReference {
        var segments: [Substring] = []
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        for (place, part) in parts.enumerated() {
            let isLast = place == parts.count - 1
            switch part {
            case ".": if isLast { segments.append("") }
            case "..":
                if segments.count > 1 || segments.first?.isEmpty == false { segments.removeLast() }
                if isLast { segments.append("") }
            default: segments.append(part)
            }
        }
        var result = self
        result.path = segments.joined(separator: "/")
        return result
    }

    /// The text without the fragment: what names a resource.
    var resource: String {
        (scheme.map { $0 + ":" } ?? "") + (authority.map { "//" + $0 } ?? "") + path + (query.map { "?" + $0 } ?? "")
    }

    /// The fragment with its percent escapes undone; nil where they are broken.
    var decodedFragment: String? {
        guard let fragment else { return "" }
        var bytes: [UInt8] = []
        var rest = fragment.unicodeScalars.makeIterator()
        while let scalar = rest.next() {
            guard scalar == "%" else {
                bytes.append(contentsOf: String(scalar).utf8)
                continue
            }
            guard let high = rest.next()?.hexadecimalValue, let low = rest.next()?.hexadecimalValue else { return nil }
            bytes.append(UInt8(high * 16 + low))
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
