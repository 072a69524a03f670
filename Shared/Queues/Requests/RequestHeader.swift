import Models

/// The members in front of a request that the scripts read and rewrite.
struct RequestHeader: Sendable, Hashable {
    var id = ""
    var deliveries = 0
    var attempts = 0
    /// Workers that died with it in hand.
    var deaths = 0
    var progress: RequestProgress?
    var leaseUntil: Int64 = 0
    var worker = ""

    /// Nil for what has no such header.
    init?(_ element: [UInt8]) {
        var cursor = Cursor(bytes: element[...])
        guard cursor.pass("{\"kind\":\""), cursor.word() != nil, cursor.pass(",\"id\":\""), let id = cursor.word(),
            cursor.pass(",\"deliveries\":"), let deliveries = cursor.number(), cursor.pass(",\"attempts\":"),
            let attempts = cursor.number(), cursor.pass(",")
        else { return nil }
        self.id = id
        self.deliveries = Int(deliveries)
        self.attempts = Int(attempts)
        if cursor.pass("\"progress\":") {
            guard let object = cursor.object(), let value = try? JSONValue.parse(object), cursor.pass(",") else {
                return nil
            }
            progress = RequestProgress(value)
        }
        if cursor.pass("\"leaseUntil\":") {
            guard let until = cursor.number(), cursor.pass(",\"worker\":\""), let worker = cursor.word(),
                cursor.pass(",")
            else {
                return nil
            }
            leaseUntil = until
            self.worker = worker
        }
        if cursor.pass("\"deaths\":") {
            guard let deaths = cursor.number(), cursor.pass(",") else { return nil }
            self.deaths = Int(deaths)
        }
    }

    private struct Cursor {
        var bytes: ArraySlice<UInt8>

        mutating func pass(_ text: StaticString) -> Bool {
            let expected = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
            guard bytes.starts(with: expected) else { return false }
            bytes = bytes.dropFirst(expected.count)
            return true
        }

        /// Up to the next quote, which is passed.
        mutating func word() -> String? {
            guard let end = bytes.firstIndex(of: UInt8(ascii: "\"")) else { return nil }
            defer { bytes = bytes[(end + 1)...] }
            return String(validating: bytes[..<end], as: UTF8.self)
        }

        mutating func number() -> Int64? {
            let end = bytes.firstIndex { $0 < UInt8(ascii: "0") || $0 > UInt8(ascii: "9") } ?? bytes.endIndex
            defer { bytes = bytes[end...] }
            return Int64(String(decoding: bytes[..<end], as: UTF8.self))
        }

        /// An object whose strings hold no brackets.
        mutating func object() -> ArraySlice<UInt8>? {
            var depth = 0
            for place in bytes.indices {
                if bytes[place] == UInt8(ascii: "{") { depth += 1 }
                if bytes[place] == UInt8(ascii: "}") { depth -= 1 }
                if depth == 0 {
                    defer { bytes = bytes[(place + 1)...] }
                    return bytes[...place]
                }
            }
            return nil
        }
    }
}
