import Definitions
import Foundation
import HTTPClient
import JSONRPC
import Logging
import Models
import Queues
import Redis
import ServiceLifecycle
import TestKit
import Testing

@testable import DataSourceFetching

/// The whole service in this process, over a redis-server and a third party of its own.
struct FetchingRig: Sendable {
    let server: RedisServer
    let redis: RedisClient
    let peer: HTTPPeer
    let keys = QueueKeys()
    let deployment: Deployment
    let store: DefinitionStore
    let parts: DataSourceFetching
    let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    static let person = Person(namespace: "crmId", id: "42")

    private init(_ server: RedisServer, _ peer: HTTPPeer, _ change: (inout DataSourceFetching.Options) -> Void)
        async throws
    {
        self.server = server
        self.peer = peer
        redis = try RedisClient(RedisConfiguration(server.address), logger: logger)
        try redis.start()
        deployment = try await Deployment.load(
            redis: redis, keys: keys, partitions: 4, random: { .random(in: 0 ... .max) })
        store = DefinitionStore(
            redis: redis, keys: keys, service: "tests", now: Self.now, token: { UUID().uuidString })
        var options = DataSourceFetching.Options(now: Self.now)
        options.allowOutbound = ["127.0.0.1:\(peer.port)"]
        options.worker = "w-\(UUID().uuidString)"
        change(&options)
        parts = try DataSourceFetching(
            redis: redis, keys: keys, deployment: deployment, store: store, sealing: Self.sealing, options: options,
            logger: logger)
    }

    static let now: @Sendable () -> Int64 = { Int64(Date().timeIntervalSince1970 * 1_000) }
    static let sealing = SecretSealing(
        seal: { "sealed:" + String($0.reversed()) }, open: { String($0.dropFirst(7).reversed()) })

    /// Runs the service and the body beside it; the service is shut down gracefully afterwards.
    static func run(
        options: (inout DataSourceFetching.Options) -> Void = { _ in }, answer: @escaping HTTPPeer.Responder,
        _ body: (FetchingRig) async throws -> Void,
        afterShutdown: (FetchingRig) async throws -> Void = { _ in }
    ) async throws {
        let server = try await RedisServer.start()
        let peer = try HTTPPeer.start(answer)
        let rig = try await FetchingRig(server, peer, options)
        let group = ServiceGroup(
            services: rig.parts.services, gracefulShutdownSignals: [], logger: rig.logger)
        var failure: (any Error)?
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            do { try await body(rig) } catch { failure = error }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        if failure == nil { do { try await afterShutdown(rig) } catch { failure = error } }
        await rig.redis.close(grace: .seconds(1))
        peer.stop()
        server.close()
        if let failure { throw failure }
    }

    func call(_ name: String, _ params: JSONObject) async throws -> JSONValue {
        let method = try #require(parts.methods.first { $0.name == name })
        let context = RPCContext(
            principal: Principal(name: "ada", scopes: [.admin]), method: name, logger: logger, peer: Peer("192.0.2.1"))
        return try await method.handler(context, params)
    }

    /// Makes the source `loyalty` with one group `account`, changed by the members given.
    func makeSource(_ group: JSONObject = [:], authentication: JSONValue? = nil) async throws {
        var account: JSONObject = [
            "name": "account", "url": .string(peer.url + "/members/{memberId}"), "parameters": ["memberId"],
        ]
        account.merge(group)
        var source: JSONObject = ["name": "loyalty", "groups": [.object(account)]]
        if let authentication { source["authentication"] = authentication }
        _ = try await call("dataSources.create", source)
    }

    /// Puts a request with one look-up a member id into the queue, as the engine's commit does.
    ///
    /// - Parameter header: members that stand behind `attempts`, each with its comma.
    func push(
        _ id: String, members: [String] = ["42"], fields: [String] = ["tier"], timeout: Int64 = 5_000,
        source: String = "loyalty", header: String = ""
    ) async throws {
        let request = FetchRequest(
            id: id,
            origin: RequestOrigin(
                person: Self.person, journey: "welcome", version: 1, instance: "i1", node: "tier", visit: 1),
            lookups: members.map {
                FetchRequest.Lookup(
                    key: "k\($0)", source: source, group: "account", parameters: ["memberId": .string($0)],
                    fields: fields)
            }, timeoutMilliseconds: timeout)
        let partition = Self.person.partition(of: 4)
        let queue = keys.partition(partition)
        _ = try await redis.node(forPartition: partition).send(
            RedisCommand(
                "RPUSH", queue.requests(.fetches),
                String(decoding: request.element, as: UTF8.self)
                    .replacing(#""attempts":0,"#, with: #""attempts":0,"# + header)))
        _ = try await redis.node(forPartition: partition).send(
            RedisCommand("PUBLISH", keys.wake(.fetches, partition: partition), "1"))
    }

    func outcomes() async throws -> [Outcome] {
        let partition = Self.person.partition(of: 4)
        let reply = try await redis.node(forPartition: partition)
            .send(RedisCommand("LRANGE", keys.partition(partition).inbox, 0, -1))
        return try reply.requireArray().compactMap { element in
            guard case .outcome(let outcome) = try Stimulus(bytes: try element.requireBytes()).body else { return nil }
            return outcome
        }
    }

    /// The outcomes of so many requests, when all are there.
    func outcomes(_ count: Int) async throws -> [String: [String: LookupResult]] {
        try await eventually(within: .seconds(20), "\(count) outcomes") { try await outcomes().count >= count }
        let all = try await outcomes()
        #expect(all.count == count)
        return Dictionary(
            all.map { outcome in
                guard case .fetch(let results) = outcome.result else { return (outcome.id, [:]) }
                return (outcome.id, results)
            }, uniquingKeysWith: { first, _ in first })
    }
}
