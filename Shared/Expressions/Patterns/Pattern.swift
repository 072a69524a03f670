import CRE2

/// A compiled regular expression in RE2's syntax. A search takes time linear in the text, whatever the pattern.
final class Pattern: @unchecked Sendable {
    // @unchecked: the handle never changes, and RE2's own caches are guarded by its locks.
    private let handle: OpaquePointer

    /// Bytes of a pattern at most.
    static let bytesMax = 4 * 1024
    /// What the program and the caches of one pattern may take; a pattern that needs more is refused.
    static let memoryBytesMax: Int64 = 2 * 1024 * 1024

    /// What compiling a pattern counts as, beside its size.
    static let stepsOfCompiling = 100
    /// Bytes of text times size of the program that count as one step. A search that RE2 cannot do by states kept ready
    /// takes up to 30 ns for each, so an evaluation takes seconds at the very worst.
    private static let workPerStep = 512
    /// A program of this size has so few states that they are all kept: a byte then costs no more than for one of 1.
    private static let programSizeFlat = 8

    /// How large the compiled program is, which with the length of a text bounds the time of a search.
    let programSize: Int
    /// Without group 0, the whole match.
    let groupCount: Int

    init(_ text: String) throws(PatternRefusal) {
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.bytesMax else {
            throw PatternRefusal("A pattern has at most \(Self.bytesMax / 1024) KiB of text.")
        }
        var refusal = CRE2_ACCEPTED
        var piece = [CChar](repeating: 0, count: Self.bytesMax + 1)
        let handle = bytes.withUnsafeBytes { buffer in
            cre2_compile(
                buffer.bindMemory(to: CChar.self).baseAddress, buffer.count, Self.memoryBytesMax, &refusal, &piece,
                piece.count)
        }
        guard let handle else {
            let end = piece.firstIndex(of: 0) ?? 0
            throw PatternRefusal(refusal, piece[..<end].map { UInt8(bitPattern: $0) }, in: bytes)
        }
        self.handle = handle
        programSize = Int(cre2_program_size(handle))
        groupCount = Int(cre2_group_count(handle))
    }

    /// The steps that looking through so many bytes takes at worst.
    func stepsOfSearch(bytes: Int) -> Int {
        1 + bytes * max(1, programSize - Self.programSizeFlat + 1) / Self.workPerStep
    }

    deinit {
        cre2_free(handle)
    }

    /// The number of a named group; nil where there is none.
    func group(named name: String) -> Int? {
        let bytes = Array(name.utf8)
        let number = bytes.withUnsafeBytes { buffer in
            cre2_group_named(handle, buffer.bindMemory(to: CChar.self).baseAddress, buffer.count)
        }
        return number < 0 ? nil : Int(number)
    }

    /// Whether it matches anywhere in the text.
    func isFound(in text: String) -> Bool {
        var text = text
        return text.withUTF8 { buffer in
            buffer.withMemoryRebound(to: CChar.self) { cre2_find(handle, $0.baseAddress, $0.count, 0, nil, 0) } == 1
        }
    }

    /// The first match at a byte or behind it: where the whole and the first groups up to `groups` lie; nil for a group
    /// that took no part. nil where there is no match.
    func match(in text: [UInt8], from start: Int, groups: Int) -> [Range<Int>?]? {
        var spans = [cre2_span](repeating: cre2_span(start: -1, end: -1), count: groups + 1)
        let isFound = text.withUnsafeBytes { buffer in
            cre2_find(
                handle, buffer.bindMemory(to: CChar.self).baseAddress, buffer.count, start, &spans,
                Int32(spans.count)) == 1
        }
        guard isFound else { return nil }
        return spans.map { $0.start < 0 ? nil : Int($0.start)..<Int($0.end) }
    }
}
