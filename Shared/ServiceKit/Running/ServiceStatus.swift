import Glibc
import JSONRPC
import Models
import Synchronization

/// What `service.status` answers: who this is, since when, and what the parts of the service add.
package final class ServiceStatus: Sendable {
    package typealias Part = @Sendable () async -> JSONValue

    private let name: String
    private let startedAt: Int64
    private let readiness: ReadinessState
    private let nowMilliseconds: @Sendable () -> Int64
    private let parts = Mutex<[(name: String, part: Part)]>([])

    package init(name: String, readiness: ReadinessState, nowMilliseconds: @escaping @Sendable () -> Int64) {
        self.name = name
        self.readiness = readiness
        self.nowMilliseconds = nowMilliseconds
        startedAt = nowMilliseconds()
    }

    /// Adds a member, such as `leases`. It is asked on each call and should answer from memory.
    package func add(_ name: String, _ part: @escaping Part) { parts.withLock { $0.append((name, part)) } }

    package func json() async -> JSONValue {
        let now = nowMilliseconds()
        var status = JSONObject([
            ("service", .string(name)), ("version", .string(Product.version)), ("pid", .integer(Int64(getpid()))),
            ("startedAt", .string(Timestamp.text(startedAt))), ("now", .string(Timestamp.text(now))),
            ("uptimeMs", .integer(max(0, now - startedAt))), ("ready", .bool(readiness.reasonNotReady == nil)),
        ])
        if let reason = readiness.reasonNotReady { status["reason"] = .string(reason) }
        for (name, part) in parts.withLock({ $0 }) { status[name] = await part() }
        return .object(status)
    }

    /// `service.status`
    package var method: RPCMethod {
        RPCMethod(
            "service.status", summary: "Tells who the service is, since when it runs, and what it is busy with.",
            scope: .read,
            result: .object(
                [
                    ("service", .string), ("version", .string), ("pid", .integer), ("startedAt", .timestamp),
                    ("now", .timestamp), ("uptimeMs", .integer), ("ready", .boolean), ("reason", .string),
                ], required: ["service", "version", "pid", "startedAt", "now", "uptimeMs", "ready"]),
            example: RPCExample(
                params: [:],
                result: [
                    "service": .string(name), "version": .string(Product.version), "pid": 4242,
                    "startedAt": "2026-01-01T00:00:00.000Z", "now": "2026-01-01T00:00:05.000Z", "uptimeMs": 5_000,
                    "ready": true,
                ])
        ) { [self] _, _ throws(RPCError) in await json() }
    }
}
