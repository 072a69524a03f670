/// The formats that `format` asserts; every other name is an annotation, as JSON Schema asks for unknown ones.
///
/// A format concerns strings only. `idn-hostname` is left out: it needs the tables of IDNA.
enum SchemaFormat: String, Sendable, CaseIterable {
    case dateTime = "date-time"
    case date, time, duration, email
    case idnEmail = "idn-email"
    case hostname, ipv4, ipv6, uri
    case uriReference = "uri-reference"
    case iri
    case iriReference = "iri-reference"
    case uuid
    case jsonPointer = "json-pointer"
    case relativeJSONPointer = "relative-json-pointer"
    case uriTemplate = "uri-template"
    case regex

    /// Whether a string is of this format; one pass over its bytes.
    func holds(_ text: String) -> Bool {
        if self == .regex { return LinearRegex.isPattern(text) }
        var text = text
        return text.withUTF8 { holds(FormatReader($0)) }
    }

    private func holds(_ reader: FormatReader) -> Bool {
        var reader = reader
        return switch self {
        case .dateTime: reader.dateTime()
        case .date: reader.date() && reader.isAtEnd
        case .time: reader.time() && reader.isAtEnd
        case .duration: reader.duration()
        case .email: reader.email(allowsNonASCII: false)
        case .idnEmail: reader.email(allowsNonASCII: true)
        case .hostname: reader.hostname(allowsNonASCII: false)
        case .ipv4: reader.ipv4() && reader.isAtEnd
        case .ipv6: reader.ipv6()
        case .uri: reader.reference(needsScheme: true, allowsNonASCII: false)
        case .uriReference: reader.reference(needsScheme: false, allowsNonASCII: false)
        case .iri: reader.reference(needsScheme: true, allowsNonASCII: true)
        case .iriReference: reader.reference(needsScheme: false, allowsNonASCII: true)
        case .uuid: reader.uuid()
        case .jsonPointer: reader.jsonPointer()
        case .relativeJSONPointer: reader.relativeJSONPointer()
        case .uriTemplate: reader.uriTemplate()
        case .regex: false
        }
    }

    /// What the format is, as it follows on "must be".
    var phrase: String {
        switch self {
        case .dateTime: "a date and time with its zone as in RFC 3339, such as \(sample)"
        case .date: "a date as in RFC 3339, such as \(sample)"
        case .time: "a time of day with its zone as in RFC 3339, such as \(sample)"
        case .duration: "a duration as in ISO 8601, such as \(sample)"
        case .email, .idnEmail: "an email address, such as \(sample)"
        case .hostname: "a host name, such as \(sample)"
        case .ipv4: "an IPv4 address, such as \(sample)"
        case .ipv6: "an IPv6 address, such as \(sample)"
        case .uri, .iri: "a complete address with its scheme, such as \(sample)"
        case .uriReference, .iriReference: "a complete or relative address, such as \(sample)"
        case .uuid: "a UUID, such as \(sample)"
        case .jsonPointer: "a JSON pointer, such as \(sample)"
        case .relativeJSONPointer: "a relative JSON pointer, such as \(sample)"
        case .uriTemplate: "a URI template, such as \(sample)"
        case .regex: "a regular expression of ECMA-262, such as \(sample)"
        }
    }

    /// A string of this format.
    var sample: String {
        switch self {
        case .dateTime: "2026-01-31T09:30:00Z"
        case .date: "2026-01-31"
        case .time: "09:30:00Z"
        case .duration: "P1DT12H"
        case .email, .idnEmail: "ada@example.com"
        case .hostname: "shop.example.com"
        case .ipv4: "192.0.2.1"
        case .ipv6: "2001:db8::1"
        case .uri, .iri: "https://shop.example.com/orders/1"
        case .uriReference, .iriReference: "/orders/1"
        case .uuid: "7f2c1b1e-4a51-4d0a-9c55-0f3a2b6c8d10"
        case .jsonPointer: "/order/total"
        case .relativeJSONPointer: "1/total"
        case .uriTemplate: "https://shop.example.com/orders/{id}"
        case .regex: "^[a-z]+$"
        }
    }
}
