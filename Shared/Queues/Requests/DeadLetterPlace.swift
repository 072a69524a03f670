import Models
import Redis

/// Where a page of dead letters ended.
///
/// New letters come at the tail of a partition's list and the oldest go from its head, so of the letters older than
/// this one none ever moves to a higher place: all of them stand below ``index``, whatever was discarded since.
package struct DeadLetterPlace: Sendable, Hashable {
    /// The partition of the last letter of the page.
    package let partition: Int
    /// Its place in the list when it was read.
    package let index: Int
    /// When it was given up, in milliseconds since 1970.
    package let at: Int64
    /// Its request's id.
    package let id: String

    /// The place of a letter.
    package init(partition: Int, index: Int, at: Int64, id: String) {
        self.partition = partition
        self.index = index
        self.at = at
        self.id = id
    }

    /// Nil where ``text`` does not write such.
    package init?(_ text: String) {
        let parts = text.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4, let partition = Int(parts[0]), let index = Int(parts[1]), let at = Int64(parts[2]),
            partition >= 0, index >= 0
        else { return nil }
        self.init(partition: partition, index: index, at: at, id: String(parts[3]))
    }

    /// As a list's cursor carries it.
    package var text: String { "\(partition) \(index) \(at) \(id)" }
}

extension RequestQueue {
    /// One dead letter, as it lies there.
    package typealias FoundDeadLetter = (partition: Int, letter: JSONValue)

    /// A page of dead letters, partition by partition and the newest of each first, after a place; and where it ended,
    /// unless nothing was left.
    ///
    /// Whoever discards or retries what was shown misses nothing. Where the oldest make room at the same time, or
    /// somebody else discards, a letter of the same millisecond may come twice.
    package func deadLetters(
        in partitions: Range<Int>, after last: DeadLetterPlace?, limit: Int
    ) async throws(QueueError) -> (letters: [FoundDeadLetter], next: DeadLetterPlace?) {
        let chosen = Array(partitions).filter { $0 >= last?.partition ?? 0 }
        var letters: [FoundDeadLetter] = []
        var next: DeadLetterPlace?
        let lengths = await pipeline.run(chosen.map { ($0, RedisCommand("LLEN", keys.partition($0).dead(kind))) })
        for (partition, length) in zip(chosen, lengths) {
            let known = last?.partition == partition ? last : nil
            var end = Int(try length.reply.get().integerValue ?? 0)
            if let known { end = min(end, known.index) }
            var seen = known
            while end > 0 {
                if letters.count == limit { return (letters, next) }
                let start = max(0, end - (limit - letters.count))
                var piece = try await read(partition, from: start, to: end)
                if let place = seen { piece = piece.dropping(upTo: place) }
                for (index, letter) in piece.prefix(limit - letters.count) {
                    letters.append((partition, letter))
                    let at = letter["at"]?.integerValue ?? 0
                    let id = letter["request"]?["id"]?.stringValue ?? ""
                    next = DeadLetterPlace(partition: partition, index: index, at: at, id: id)
                    seen = next
                }
                end = start
            }
        }
        return (letters, nil)
    }

    /// The letters of a range with their places, the newest first.
    private func read(
        _ partition: Int, from start: Int, to end: Int
    ) async throws(QueueError) -> [(index: Int, letter: JSONValue)] {
        let command = RedisCommand("LRANGE", keys.partition(partition).dead(kind), start, end - 1)
        let reply = try await pipeline.run([(partition, command)])[0].reply.get()
        return (reply.elements ?? []).enumerated().reversed().map { place, element in
            (start + place, element.bytes.flatMap { try? JSONValue.parse($0) } ?? .null)
        }
    }
}

extension [(index: Int, letter: JSONValue)] {
    /// Without the letter of the place and those newer than it, which have come down where older ones are gone.
    fileprivate func dropping(upTo place: DeadLetterPlace) -> Self {
        if let known = firstIndex(where: { $0.letter["request"]?["id"] == .string(place.id) }) {
            return Array(self[(known + 1)...])
        }
        return Array(drop { ($0.letter["at"]?.integerValue ?? 0) > place.at })
    }
}
