/// A MIME entity (RFC 2045, 2046): header fields and a body that may have parts.
struct MIMEPart {
    let headers: [(name: String, value: String)]
    private let body: ArraySlice<UInt8>

    /// Entities within entities that are looked into.
    private static let depthMax = 4
    /// Parts of one entity that are looked at.
    private static let partsMax = 20

    init(_ bytes: ArraySlice<UInt8>) {
        var headers: [(name: String, value: String)] = []
        var rest = bytes
        while !rest.isEmpty {
            let end = rest.firstIndex(of: 10) ?? rest.endIndex
            let line = rest[rest.startIndex..<end]
            rest = end < rest.endIndex ? rest[(end + 1)...] : []
            let text = String(decoding: line.last == 13 ? line.dropLast() : line, as: UTF8.self)
            if text.isEmpty { break }
            if let first = text.first, first == " " || first == "\t" {
                if !headers.isEmpty { headers[headers.count - 1].value += " " + text.drop { $0 == " " || $0 == "\t" } }
            } else if let colon = text.firstIndex(of: ":") {
                let value = text[text.index(after: colon)...].drop { $0 == " " }
                headers.append((String(text[..<colon]), String(value)))
            }
        }
        self.headers = headers
        body = rest
    }

    /// The first field of the name.
    subscript(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name }?.value
    }

    /// The decoded text of the first part of the type.
    func text(_ type: String) -> String? {
        text(type, depth: 0)
    }

    private func text(_ type: String, depth: Int) -> String? {
        let own = (self["content-type"] ?? "text/plain").lowercased()
        if own.hasPrefix("multipart/") {
            guard depth < Self.depthMax else { return nil }
            return parts.lazy.compactMap { $0.text(type, depth: depth + 1) }.first
        }
        return own.hasPrefix(type) ? String(decoding: decoded, as: UTF8.self) : nil
    }

    private var decoded: [UInt8] {
        switch self["content-transfer-encoding"]?.lowercased() {
        case "base64": TransferEncoding.base64(body)
        case "quoted-printable": TransferEncoding.quotedPrintable(body)
        default: Array(body)
        }
    }

    private var parts: [MIMEPart] {
        guard let boundary else { return [] }
        let mark = Array("--\(boundary)".utf8)
        var parts: [MIMEPart] = []
        var current: Int?
        var position = body.startIndex
        while position < body.endIndex, parts.count < Self.partsMax {
            let end = body[position...].firstIndex(of: 10) ?? body.endIndex
            if body[position..<end].starts(with: mark) {
                if let start = current { parts.append(MIMEPart(body[start..<position])) }
                current = min(end + 1, body.endIndex)
            }
            position = end + 1
        }
        return parts
    }

    private var boundary: String? {
        let parameters = (self["content-type"] ?? "").split(separator: ";").map { $0.drop { $0 == " " } }
        guard let found = parameters.first(where: { $0.lowercased().hasPrefix("boundary=") }) else { return nil }
        let rest = found.dropFirst("boundary=".count)
        let value = rest.first == "\"" ? rest.dropFirst().prefix { $0 != "\"" } : rest.prefix { $0 != " " }
        return value.isEmpty ? nil : String(value)
    }
}
