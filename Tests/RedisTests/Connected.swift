import Logging
import Redis
import TestKit

let silent = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }

/// Waits that fit a test: a server that is gone is noticed soon.
func quick(_ address: RedisAddress, _ change: (inout RedisConfiguration) -> Void = { _ in }) -> RedisConfiguration {
    var configuration = RedisConfiguration(address)
    configuration.backoffMin = .milliseconds(5)
    configuration.backoffMax = .milliseconds(50)
    configuration.connectTimeout = .seconds(5)
    configuration.commandTimeout = .seconds(20)
    change(&configuration)
    return configuration
}

/// A started connection for the length of the body.
func withConnection<Result>(
    _ configuration: RedisConfiguration, isolation: isolated (any Actor)? = #isolation,
    _ body: (RedisConnection) async throws -> Result
) async throws -> Result {
    let connection = try RedisConnection(configuration, logger: silent)
    try connection.start()
    do {
        let result = try await body(connection)
        await connection.close()
        return result
    } catch {
        await connection.close(grace: .zero)
        throw error
    }
}

/// A server and a started connection for the length of the body.
func withRedis<Result>(
    appendOnly: RedisServer.AppendOnly = .no, isolation: isolated (any Actor)? = #isolation,
    _ change: (inout RedisConfiguration) -> Void = { _ in },
    _ body: (RedisConnection, RedisServer) async throws -> Result
) async throws -> Result {
    let server = try await RedisServer.start(appendOnly: appendOnly)
    defer { server.close() }
    return try await withConnection(quick(try server.address, change)) { try await body($0, server) }
}

/// The error that the body throws.
func failure(
    isolation: isolated (any Actor)? = #isolation, _ body: () async throws(RedisError) -> Void
) async -> RedisError? {
    do {
        try await body()
        return nil
    } catch {
        return error
    }
}
