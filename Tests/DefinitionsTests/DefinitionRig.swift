import Definitions
import Foundation
import JSONRPC
import Logging
import Models
import Queues
import Redis
import Synchronization
import TestKit

/// A redis-server of its own with a store over it.
final class DefinitionRig: Sendable {
    let server: RedisServer
    let redis: RedisClient
    let keys = QueueKeys()
    let store: DefinitionStore
    let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    let author = Author(name: "ada", address: "192.0.2.1")

    init() async throws {
        server = try await RedisServer.start()
        redis = try RedisClient(RedisConfiguration(server.address), logger: logger)
        try redis.start()
        store = DefinitionStore(
            redis: redis, keys: keys, service: "tests", now: { 1_767_225_600_000 }, token: { UUID().uuidString })
    }

    /// A store whose every write has the same token, as one whose answers were lost.
    func store(token: String) -> DefinitionStore {
        DefinitionStore(redis: redis, keys: keys, service: "tests", now: { 1_767_225_600_000 }, token: { token })
    }

    func close() async {
        await redis.close(grace: .seconds(1))
        server.close()
    }

    func send(_ command: RedisCommand) async throws -> RedisReply {
        try await redis.node(forKey: keys.config("changes")).send(command)
    }

    func context(_ method: String) -> RPCContext {
        RPCContext(
            principal: Principal(name: "ada", scopes: [.admin]), method: method, logger: logger, peer: Peer("192.0.2.1"))
    }

    /// Seals by turning the text round, so that a test sees what is sealed and what is not.
    static let sealing = SecretSealing(
        seal: { "sealed:" + String($0.reversed()) }, open: { String($0.dropFirst(7).reversed()) })

    /// A family of data sources with nothing but the defaults.
    func sources(sealing: SecretSealing = DefinitionRig.sealing) -> DefinitionFamily<DataSourceDefinition> {
        DefinitionFamily(
            DataSourceDefinition.self, kind: .dataSources, store: store, sealing: sealing, title: "data source",
            members: [
                .required("name", .name, "The name."), .optional("description", .string, "What it is for."),
                .optional("authentication", .object, "How Sojourn shows who it is."),
                .required("groups", .array(of: .object), "The field groups."),
            ], example: Self.source("example"))
    }

    static func source(_ name: String, key: String? = nil, url: String = "https://loyalty.example/") -> JSONObject {
        var source: JSONObject = [
            "name": .string(name), "groups": [["name": "account", "url": .string(url), "sample": ["tier": "gold"]]],
        ]
        if let key { source["authentication"] = ["type": "apiKey", "name": "x-key", "value": .string(key)] }
        return source
    }

    func call(
        _ methods: [RPCMethod], _ name: String, _ params: JSONObject
    ) async throws -> JSONValue {
        guard let method = methods.first(where: { $0.name == name }) else { throw MissingMethod(name: name) }
        return try await method.handler(context(name), params)
    }
}

struct MissingMethod: Error {
    let name: String
}

/// Runs the body with a rig and closes it, whatever happens.
func withRig(_ body: (DefinitionRig) async throws -> Void) async throws {
    let rig = try await DefinitionRig()
    do {
        try await body(rig)
    } catch {
        await rig.close()
        throw error
    }
    await rig.close()
}

/// The error of a call that must fail.
func definitionError<Value>(
    _ body: () async throws(DefinitionError) -> Value
) async -> DefinitionError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error
    }
}

/// The error of a method that must fail.
func rpcError<Value>(_ body: () async throws -> Value) async throws -> RPCError? {
    do {
        _ = try await body()
        return nil
    } catch let error as RPCError {
        return error
    }
}
