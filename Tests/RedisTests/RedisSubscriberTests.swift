import Redis
import TestKit
import Testing

@Suite("Subscriptions")
struct RedisSubscriberTests {
    private func withSubscriber(
        _ configuration: RedisConfiguration, _ body: (RedisSubscriber) async throws -> Void
    ) async throws {
        let subscriber = try RedisSubscriber(configuration, logger: silent)
        try subscriber.start()
        do {
            try await body(subscriber)
            await subscriber.close()
        } catch {
            await subscriber.close()
            throw error
        }
    }

    private func message(_ channel: String, _ text: String) -> RedisNotice {
        .message(channel: channel, payload: Array(text.utf8))
    }

    @Test("A subscription begins with a gap, then hears its channels and patterns and nothing else")
    func hears() async throws {
        try await withRedis { connection, server in
            try await withSubscriber(quick(try server.address)) { subscriber in
                let some = subscriber.subscribe(channels: ["a", "b"])
                let pattern = subscriber.subscribe(patterns: ["wake:*"])
                #expect(try await some.next(within: .seconds(10)) == .gap)
                #expect(try await pattern.next(within: .seconds(10)) == .gap)
                for (channel, text) in [("a", "1"), ("c", "2"), ("wake:7", "3"), ("b", "4")] {
                    _ = try await connection.send(RedisCommand("PUBLISH", channel, text))
                }
                #expect(try await some.next(within: .seconds(10)) == message("a", "1"))
                #expect(try await some.next(within: .seconds(10)) == message("b", "4"))
                #expect(try await pattern.next(within: .seconds(10)) == message("wake:7", "3"))
                #expect(try await some.next(within: .milliseconds(20)) == nil)
                #expect(try await pattern.takeAll(within: .milliseconds(20)) == [])
            }
        }
    }

    @Test("A second subscription of a channel begins with its own gap, and hears beside the first")
    func shared() async throws {
        try await withRedis { connection, server in
            try await withSubscriber(quick(try server.address)) { subscriber in
                let first = subscriber.subscribe(channels: ["a"])
                #expect(try await first.next(within: .seconds(10)) == .gap)
                var second: RedisSubscription? = subscriber.subscribe(channels: ["a"])
                #expect(try await second?.next(within: .seconds(10)) == .gap)
                _ = try await connection.send(RedisCommand("PUBLISH", "a", "1"))
                #expect(try await first.next(within: .seconds(10)) == message("a", "1"))
                #expect(try await second?.next(within: .seconds(10)) == message("a", "1"))
                second = nil
                _ = try await connection.send(RedisCommand("PUBLISH", "a", "2"))
                #expect(try await first.next(within: .seconds(10)) == message("a", "2"))
            }
        }
    }

    @Test("Letting go of the last subscription of a channel unsubscribes from it")
    func unsubscribes() async throws {
        try await withRedis { connection, server in
            try await withSubscriber(quick(try server.address)) { subscriber in
                var only: RedisSubscription? = subscriber.subscribe(channels: ["a"], patterns: ["b*"])
                #expect(try await only?.next(within: .seconds(10)) == .gap)
                only = nil
                try await eventually("nobody listens") {
                    let channels = try await connection.send(RedisCommand("PUBSUB", "CHANNELS")).requireArray()
                    let patterns = try await connection.send(RedisCommand("PUBSUB", "NUMPAT")).requireInteger()
                    return channels.isEmpty && patterns == 0
                }
            }
        }
    }

    @Test("After Redis was killed and started again the subscription tells a gap, and hears again")
    func reconnects() async throws {
        try await withRedis { connection, server in
            try await withSubscriber(quick(try server.address)) { subscriber in
                let subscription = subscriber.subscribe(channels: ["a"], patterns: ["b:*"])
                #expect(try await subscription.next(within: .seconds(10)) == .gap)
                server.kill9()
                try await eventually("the loss is noticed") { !subscriber.figures.isConnected }
                try await server.restart()
                #expect(try await subscription.next(within: .seconds(10)) == .gap)
                _ = try await connection.send(RedisCommand("PUBLISH", "a", "1"))
                _ = try await connection.send(RedisCommand("PUBLISH", "b:1", "2"))
                #expect(try await subscription.next(within: .seconds(10)) == message("a", "1"))
                #expect(try await subscription.next(within: .seconds(10)) == message("b:1", "2"))
            }
        }
    }

    @Test("A network that is silently gone is noticed by pings that nobody answers")
    func silence() async throws {
        let server = try await RedisServer.start(transport: .tcp)
        let proxy = try FaultProxy.start(to: server.place)
        defer {
            proxy.close()
            server.close()
        }
        let configuration = quick(try RedisAddress(proxy.redisURL)) {
            $0.pingInterval = .milliseconds(50)
            $0.connectTimeout = .milliseconds(300)
        }
        try await withSubscriber(configuration) { subscriber in
            let subscription = subscriber.subscribe(channels: ["a"])
            #expect(try await subscription.next(within: .seconds(10)) == .gap)
            #expect(try await subscription.next(within: .milliseconds(300)) == nil, "pings keep a quiet connection")
            #expect(subscriber.figures.connects == 1)
            proxy.behaviour = .blackHole
            try await eventually("the connection is given up") { !subscriber.figures.isConnected }
            proxy.behaviour = .pass
            #expect(try await subscription.next(within: .seconds(10)) == .gap)
        }
    }

    @Test("A slow reader keeps the newest notices, and is told that some gave way")
    func overflow() async throws {
        try await withRedis { connection, server in
            let configuration = quick(try server.address) { $0.subscriptionBufferMax = 10 }
            try await withSubscriber(configuration) { subscriber in
                let subscription = subscriber.subscribe(channels: ["a"])
                #expect(try await subscription.next(within: .seconds(10)) == .gap)
                _ = try await connection.send((0..<50).map { RedisCommand("PUBLISH", "a", $0) })
                try await eventually("all arrived") { subscriber.figures.commands == 50 }
                let notices = try await subscription.takeAll(within: .seconds(10))
                #expect(notices == [.gap] + (40..<50).map { message("a", "\($0)") })
                #expect(subscription.dropped == 40)
            }
        }
    }

    @Test("Closing ends the loop over a subscription, and later calls fail")
    func closing() async throws {
        try await withRedis { connection, server in
            let subscriber = try RedisSubscriber(quick(try server.address), logger: silent)
            try subscriber.start()
            let subscription = subscriber.subscribe(channels: ["a"])
            async let heard: [RedisNotice] = {
                var notices: [RedisNotice] = []
                for await notice in subscription { notices.append(notice) }
                return notices
            }()
            try await eventually("subscribed") {
                try await connection.send(RedisCommand("PUBLISH", "a", "x")).requireInteger() == 1
            }
            try await eventually("heard") { subscriber.figures.commands == 1 }
            await subscriber.close()
            #expect(await heard == [.gap, message("a", "x")])
            let error = await failure { () throws(RedisError) in _ = try await subscription.next(within: .seconds(10)) }
            #expect(error?.code == .closed)
            let late = subscriber.subscribe(channels: ["a"])
            let lateError = await failure { () throws(RedisError) in _ = try await late.next(within: .seconds(10)) }
            #expect(lateError?.code == .closed)
        }
    }

    @Test("A cancelled task does not wait for a notice")
    func cancelled() async throws {
        try await withRedis { _, server in
            try await withSubscriber(quick(try server.address)) { subscriber in
                let subscription = subscriber.subscribe(channels: ["a"])
                #expect(try await subscription.next(within: .seconds(10)) == .gap)
                try await withThrowingTaskGroup(of: RedisNotice?.self) { group in
                    group.addTask { try await subscription.next(within: .seconds(600)) }
                    group.cancelAll()
                    let heard = try await group.next()
                    #expect(heard == .some(nil))
                }
            }
        }
    }
}
