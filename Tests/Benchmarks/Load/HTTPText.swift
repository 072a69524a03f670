import Glibc

/// The little of HTTP/1.1 that generator and receiver need: messages whose length is given by `Content-Length`.
enum HTTPText {
    struct Message {
        /// Bytes of head and body together.
        let length: Int
        let bodyStart: Int
    }

    /// The first whole message in these bytes; nil while it is not all there.
    static func message(in bytes: UnsafeRawBufferPointer) -> Message? {
        guard let head = range(of: headEnd, in: bytes, from: 0) else { return nil }
        let bodyStart = head + headEnd.count
        var length = 0
        if let at = range(ofHeader: contentLength, in: bytes, upTo: head) {
            for byte in bytes[at..<head] {
                if byte == UInt8(ascii: " ") { continue }
                guard byte >= 48, byte <= 57 else { break }
                length = length * 10 + Int(byte - 48)
            }
        }
        return bytes.count >= bodyStart + length ? Message(length: bodyStart + length, bodyStart: bodyStart) : nil
    }

    /// The status of an answer.
    static func status(in bytes: UnsafeRawBufferPointer) -> Int {
        guard bytes.count > 12 else { return 0 }
        return bytes[9..<12].reduce(0) { $0 * 10 + Int($1) - 48 }
    }

    private static let headEnd = Array("\r\n\r\n".utf8)
    private static let contentLength = Array("content-length:".utf8)
    static let idempotencyKey = Array("idempotency-key:".utf8)

    /// Where these bytes begin.
    static func range(of pattern: [UInt8], in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard let base = bytes.baseAddress else { return nil }
        var from = start
        while from + pattern.count <= bytes.count,
            let found = memchr(base + from, Int32(pattern[0]), bytes.count - from)
        {
            let place = UnsafeRawPointer(found) - base
            if place + pattern.count > bytes.count { return nil }
            if memcmp(found, pattern, pattern.count) == 0 { return place }
            from = place + 1
        }
        return nil
    }

    /// Where the value of a header begins; the name is given in lower case with its colon.
    static func range(ofHeader name: [UInt8], in bytes: UnsafeRawBufferPointer, upTo end: Int) -> Int? {
        var line = 0
        while line < end {
            if line + name.count <= end, isName(name, in: bytes, at: line) { return line + name.count }
            guard let base = bytes.baseAddress, let next = memchr(base + line, 10, end - line) else { return nil }
            line = UnsafeRawPointer(next) - base + 1
        }
        return nil
    }

    private static func isName(_ name: [UInt8], in bytes: UnsafeRawBufferPointer, at place: Int) -> Bool {
        for offset in name.indices {
            let byte = bytes[place + offset]
            let lower = byte >= 65 && byte <= 90 ? byte | 0x20 : byte
            if lower != name[offset] { return false }
        }
        return true
    }
}
