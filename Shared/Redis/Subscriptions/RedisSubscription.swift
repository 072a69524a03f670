/// A place where messages of some channels and patterns arrive; ends when its subscriber closes.
///
/// One task reads it. It keeps the newest notices when that task is slow, counts what gives way and tells a gap.
/// Letting go of it unsubscribes.
package final class RedisSubscription: Sendable {
    let id: Int
    private let buffer: NoticeBuffer
    private let hub: SubscriptionHub

    init(id: Int, buffer: NoticeBuffer, hub: SubscriptionHub) {
        self.id = id
        self.buffer = buffer
        self.hub = hub
    }

    deinit {
        cancel()
    }

    /// The next notice; `nil` when none came in time, or the task was cancelled.
    ///
    /// - Throws: `closed`.
    package func next(within limit: Duration) async throws(RedisError) -> RedisNotice? {
        try await take(upTo: 1, within: limit).first
    }

    /// Waits for a notice, then takes all that are there; empty when none came in time, or the task was cancelled.
    ///
    /// - Throws: `closed`.
    package func takeAll(within limit: Duration) async throws(RedisError) -> [RedisNotice] {
        try await take(upTo: .max, within: limit)
    }

    /// Notices that gave way to newer ones since the start.
    package var dropped: Int { buffer.dropped }

    /// Unsubscribes and ends. Doing it twice is the same.
    package func cancel() {
        hub.remove(id)
        buffer.end()
    }

    private func take(upTo count: Int, within limit: Duration) async throws(RedisError) -> [RedisNotice] {
        switch buffer.take(upTo: count) {
        case .notices(let notices): return notices
        case .ended: throw Self.closed
        case .empty: break
        }
        let buffer = buffer
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await buffer.arrival() }
            // A cancelled sleep ends the wait, which is what cancelling asks for.
            group.addTask { try? await Task.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
        switch buffer.take(upTo: count) {
        case .notices(let notices): return notices
        case .ended: throw Self.closed
        case .empty: return []
        }
    }

    private static let closed = RedisError(.closed, "The subscription is closed.", retry: .never)
}

extension RedisSubscription: AsyncSequence {
    /// Takes one notice after the other.
    package struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let subscription: RedisSubscription

        /// `nil` at the end, or when the task is cancelled.
        package mutating func next() async -> RedisNotice? {
            while !Task.isCancelled {
                switch subscription.buffer.take(upTo: 1) {
                case .notices(let notices): return notices.first
                case .ended: return nil
                case .empty: await subscription.buffer.arrival()
                }
            }
            return nil
        }
    }

    /// One task iterates at a time.
    package func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(subscription: self)
    }
}
