import HTTPClient
import Logging
import TestKit

/// Runs a test with a peer and a client that may call it, and ends both.
func withPeer<Value: Sendable>(
    settings: OutboundClientSettings = .init(), allow: [String]? = nil, respond: @escaping HTTPPeer.Responder,
    _ test: (OutboundClient, HTTPPeer) async throws -> Value
) async throws -> Value {
    let peer = try HTTPPeer.start(respond)
    defer { peer.stop() }
    let policy = try AddressPolicy(allow: allow ?? ["127.0.0.1"])
    let client = try OutboundClient(settings: settings, policy: policy, logger: Logger(label: "test"))
    do {
        let value = try await test(client, peer)
        await client.close(grace: .zero)
        return value
    } catch {
        await client.close(grace: .zero)
        throw error
    }
}

/// The error of a call, or `nil` when it is answered.
func failure(of request: HTTPRequest, by client: OutboundClient) async -> HTTPError? {
    do {
        _ = try await client.send(request)
        return nil
    } catch {
        return error
    }
}

/// The status of the answer, or `nil` when there is none.
func status(of request: HTTPRequest, by client: OutboundClient) async -> Int? {
    try? await client.send(request).status
}

/// The body of the answer, or `nil` when there is none.
func body(of request: HTTPRequest, by client: OutboundClient) async -> [UInt8]? {
    try? await client.send(request).body
}

/// Waits until the condition holds, at most 10 s.
func eventually(_ condition: () -> Bool) async -> Bool {
    let deadline = ContinuousClock.now + .seconds(10)
    while !condition() {
        if .now > deadline { return false }
        await Task.yield()
    }
    return true
}
