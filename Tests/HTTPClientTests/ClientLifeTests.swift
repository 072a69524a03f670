import Glibc
import HTTPClient
import Logging
import TestKit
import Testing

@Suite("Bounds and the end of a client", .timeLimit(.minutes(2)))
struct ClientLifeTests {
    @Test("A cancelled task gets its error at once, and the place is free again")
    func cancellation() async throws {
        try await withPeer(respond: { $0.path == "/hang" ? .silence : .answer(200) }) { client, peer in
            let url = peer.url
            let task = Task {
                var request = HTTPRequest(.get, url + "/hang")
                request.timeout = .seconds(60)
                request.pool = "one"
                request.connectionsMax = 1
                return await failure(of: request, by: client)
            }
            #expect(await eventually { peer.requestCount == 1 })
            let start = ContinuousClock.now
            task.cancel()
            let error = await task.value
            #expect(error?.code == .cancelled)
            #expect(error?.retry == .unknownOutcome)
            #expect(.now - start < .seconds(5))
            var next = HTTPRequest(.get, url)
            next.pool = "one"
            next.connectionsMax = 1
            #expect(await status(of: next, by: client) == 200)
        }
    }

    @Test("A task that is cancelled already sends nothing")
    func cancelledBefore() async throws {
        try await withPeer(respond: { _ in .answer(200) }) { client, peer in
            let url = peer.url
            let error = await Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return await failure(of: HTTPRequest(.get, url), by: client)
            }.value
            #expect(error?.code == .cancelled)
            #expect(error?.retry == .safe)
            #expect(peer.requestCount == 0)
        }
    }

    @Test("What exceeds the waiting places is refused, and what waits too long times out unsent")
    func queueBounds() async throws {
        var settings = OutboundClientSettings()
        settings.inFlightMax = 2
        settings.waitingMax = 3
        try await withPeer(settings: settings, respond: { _ in .silence }) { client, peer in
            let url = peer.url
            let errors = await withTaskGroup(of: HTTPError?.self) { group in
                for number in 0..<2 {
                    group.addTask {
                        var request = HTTPRequest(.get, url + "/\(number)")
                        request.timeout = .seconds(2)
                        return await failure(of: request, by: client)
                    }
                }
                _ = await eventually { client.figures.inFlight == 2 }
                for _ in 0..<3 {
                    group.addTask {
                        var request = HTTPRequest(.get, url)
                        request.timeout = .milliseconds(300)
                        return await failure(of: request, by: client)
                    }
                }
                _ = await eventually { client.figures.waiting == 3 }
                group.addTask { await failure(of: HTTPRequest(.get, url), by: client) }
                return await group.reduce(into: []) { $0.append($1) }
            }
            let codes = errors.map { error in error.map { "\($0.code.rawValue) \($0.retry.rawValue)" } ?? "none" }
            #expect(
                codes.sorted() == [
                    "queueFull safe", "timedOut safe", "timedOut safe", "timedOut safe", "timedOut unknownOutcome",
                    "timedOut unknownOutcome",
                ])
            #expect(peer.requestCount == 2)
        }
    }

    @Test("Closing lets short calls end, fails long ones and refuses new ones")
    func closing() async throws {
        let peer = try HTTPPeer.start { $0.path == "/hang" ? .silence : .answer(200, after: .milliseconds(300)) }
        defer { peer.stop() }
        let client = try OutboundClient(
            policy: AddressPolicy(allow: ["127.0.0.1"]), logger: Logger(label: "test"))
        let url = peer.url
        async let short = client.send(HTTPRequest(.get, url))
        async let long = failure(of: patient(url + "/hang"), by: client)
        #expect(await eventually { peer.requestCount == 2 })
        async let first: Void = client.close(grace: .seconds(1))
        async let second: Void = client.close(grace: .seconds(30))
        #expect(try await short.status == 200)
        #expect(await long?.code == .closed)
        await first
        await second
        await client.close()
        let late = await failure(of: HTTPRequest(.get, url), by: client)
        #expect(late?.code == .closed)
        #expect(late?.retry == .safe)
    }

    @Test("A client that is dropped ends its thread and its connections")
    func dropped() async throws {
        let peer = try HTTPPeer.start { _ in .answer(200) }
        defer { peer.stop() }
        do {
            let client = try OutboundClient(
                policy: AddressPolicy(allow: ["127.0.0.1"]), logger: Logger(label: "test"))
            _ = try await client.send(HTTPRequest(.get, peer.url))
        }
        #expect(await eventually { peer.openConnectionCount == 0 })
    }

    @Test("Ten thousand requests need no more handles, connections or descriptors than the first hundred")
    func noLeak() async throws {
        try await withPeer(respond: { $0.path == "/cut" ? .reset : .answer(200, body: "ok") }) { client, peer in
            let url = peer.url
            func run(_ count: Int) async {
                await withTaskGroup(of: Void.self) { group in
                    for worker in 0..<16 {
                        group.addTask {
                            for number in 0..<(count / 16) {
                                let path = (worker + number) % 50 == 7 ? "/cut" : "/"
                                _ = await failure(of: HTTPRequest(.get, url + path), by: client)
                            }
                        }
                    }
                }
            }
            await run(160)
            let descriptorsBefore = openDescriptors()
            await run(10_000)
            #expect(client.figures.handles <= 16)
            #expect(client.figures.completed + client.figures.failed >= 10_000)
            // Other suites run in this process at the same time and open some of their own.
            #expect(openDescriptors() < descriptorsBefore + 500)
            #expect(await eventually { peer.openConnectionCount <= 16 })
        }
    }

    private func patient(_ url: String) -> HTTPRequest {
        var request = HTTPRequest(.get, url)
        request.timeout = .seconds(60)
        return request
    }

    private func openDescriptors() -> Int {
        guard let folder = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        return count
    }
}
