/// The header lines of an answer as they come in; only those after the last status line count.
struct HeaderLines {
    private var bytes: [UInt8] = []

    /// Adds a line with its ending; `false` when there are too many bytes. A status line begins anew.
    mutating func append(_ line: UnsafeBufferPointer<UInt8>, bytesMax: Int) -> Bool {
        if line.count >= 5, line[0] == 0x48, line[1] == 0x54, line[2] == 0x54, line[3] == 0x50, line[4] == 0x2F {
            bytes.removeAll(keepingCapacity: true)
            return true
        }
        guard bytes.count + line.count <= bytesMax else { return false }
        bytes.append(contentsOf: line)
        return true
    }

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: bytes.capacity <= Self.keptBytesMax)
    }

    /// What a handle that waits for its next request may hold on to.
    private static let keptBytesMax = 4 << 10

    /// The fields; a line that is none is left out, a folded one goes on with the one before.
    func parse() -> HTTPHeaders {
        var headers = HTTPHeaders()
        bytes.withUnsafeBufferPointer { all in
            var start = 0
            while start < all.count {
                let end = all[start...].firstIndex(of: 0x0A) ?? all.count
                Self.parse(all[start..<end], into: &headers)
                start = end + 1
            }
        }
        return headers
    }

    private static func parse(_ line: Slice<UnsafeBufferPointer<UInt8>>, into headers: inout HTTPHeaders) {
        guard let first = line.first else { return }
        if isSpace(first) {
            let rest = text(line)
            if !rest.isEmpty { headers.continueLast(with: rest) }
            return
        }
        guard let colon = line.firstIndex(of: 0x3A), colon > line.startIndex else { return }
        headers.add(text(line[line.startIndex..<colon]), text(line[(colon + 1)...]))
    }

    private static func text(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> String {
        var start = bytes.startIndex
        var end = bytes.endIndex
        while start < end, isSpace(bytes[start]) { start += 1 }
        while end > start, isSpace(bytes[end - 1]) { end -= 1 }
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0D
    }
}
