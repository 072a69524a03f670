/// How many elements of a partition to read at once: 32 at first, then as many as make up a batch of 1 MiB.
package struct ReadSize: Sendable, Hashable {
    /// Elements of the first read.
    package static let first = 32
    /// Elements of a read at most.
    package static let elementsBound = 512
    /// Bytes of one batch.
    package static let bytesAimedAt = 1 << 20

    /// How many to read next.
    package private(set) var elementsMax = Self.first
    private var bytesEach = 0

    package init() {}

    /// Notes what a read gave. Grows by doubling, shrinks at once.
    package mutating func note(elements: Int, bytes: Int) {
        guard elements > 0 else { return }
        let each = max(1, bytes / elements)
        bytesEach = bytesEach == 0 ? each : max(each, (bytesEach * 7 + each) / 8)
        elementsMax = min(elementsMax * 2, Self.elementsBound, max(1, Self.bytesAimedAt / bytesEach))
    }

    /// Notes that a read or its commit failed: it may have been too large for a reply or a command.
    package mutating func shrink() { elementsMax = max(1, elementsMax / 4) }

    /// How many of the elements read make up one batch: at least one, whatever its size.
    package static func batch(of elements: [[UInt8]]) -> Int {
        var bytes = 0
        for (place, element) in elements.enumerated() {
            bytes += element.count
            if bytes > bytesAimedAt, place > 0 { return place }
        }
        return elements.count
    }
}
