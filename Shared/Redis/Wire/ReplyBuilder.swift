import CHiredis

/// Makes replies from the parts that hiredis' reader finds: each string is copied once, out of the read buffer.
///
/// Used by one thread. hiredis holds an unretained pointer to it, so its owner frees the reader first.
final class ReplyBuilder {
    /// An array whose elements are not all there yet.
    private struct Frame {
        var elements: [RedisReply]
        let count: Int
    }

    /// The count comes from the wire: no more than this is reserved before elements are there.
    private static let reservedElementsMax = 16_384

    private var frames: [Frame] = []
    private var finished: RedisReply?

    /// The reply that the reader says is complete.
    func take() -> RedisReply? {
        defer { finished = nil }
        return finished
    }

    func begin(count: Int) {
        guard count > 0 else { return add(.array([])) }
        var frame = Frame(elements: [], count: count)
        frame.elements.reserveCapacity(min(count, Self.reservedElementsMax))
        frames.append(frame)
    }

    func add(_ reply: RedisReply) {
        var reply = reply
        while true {
            let last = frames.count - 1
            guard last >= 0 else {
                finished = reply
                return
            }
            frames[last].elements.append(reply)
            guard frames[last].elements.count == frames[last].count else { return }
            reply = .array(frames.removeLast().elements)
        }
    }

    // MARK: the functions that C calls

    /// A constant that C needs an address of for as long as readers live, so it is made once and never freed.
    /// nonisolated(unsafe): a pointer is not Sendable, but nothing ever writes behind this one.
    nonisolated(unsafe) static let sink: UnsafePointer<chiredis_sink> = {
        let sink = UnsafeMutablePointer<chiredis_sink>.allocate(capacity: 1)
        sink.initialize(
            to: chiredis_sink(
                string: { context, bytes, length in
                    ReplyBuilder.at(context).add(.bulk(ReplyBuilder.array(bytes, length)))
                },
                status: { context, bytes, length in
                    ReplyBuilder.at(context).add(.status(ReplyBuilder.text(bytes, length)))
                },
                error: { context, bytes, length in
                    ReplyBuilder.at(context).add(.error(RedisErrorReply(line: ReplyBuilder.text(bytes, length))))
                },
                integer: { context, value in ReplyBuilder.at(context).add(.integer(value)) },
                null: { context in ReplyBuilder.at(context).add(.null) },
                array: { context, count in ReplyBuilder.at(context).begin(count: count) }))
        return UnsafePointer(sink)
    }()

    private static func at(_ context: UnsafeMutableRawPointer?) -> ReplyBuilder {
        guard let context else { preconditionFailure("hiredis hands back the context that it was given") }
        return Unmanaged<ReplyBuilder>.fromOpaque(context).takeUnretainedValue()
    }

    private static func array(_ bytes: UnsafePointer<CChar>?, _ length: Int) -> [UInt8] {
        Array(UnsafeRawBufferPointer(start: bytes, count: length))
    }

    private static func text(_ bytes: UnsafePointer<CChar>?, _ length: Int) -> String {
        let line = UnsafeRawBufferPointer(start: bytes, count: length)
        // The status of nearly every answer: no allocation for it.
        if length == 2, line[0] == UInt8(ascii: "O"), line[1] == UInt8(ascii: "K") { return "OK" }
        return String(decoding: line, as: UTF8.self)
    }
}
