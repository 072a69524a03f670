import Definitions
import Foundation
import JSONRPC

/// What almost every service makes of its host.
extension ServiceHost {
    /// The deployment that this Redis belongs to; made where there is none yet.
    package func deployment() async throws(StartError) -> Deployment {
        do {
            return try await Deployment.load(
                redis: redis, keys: keys, partitions: settings[CommonSettings.partitions]
            ) { UInt64.random(in: 0 ... .max) }
        } catch { throw StartError(error.message) }
    }

    /// The store of definitions, in this service's name.
    package func definitionStore() -> DefinitionStore {
        DefinitionStore(
            redis: redis, keys: keys, service: methods.service, now: Self.clock,
            token: { UUID().uuidString.lowercased() })
    }

    /// Seals and opens the secrets of definitions with the deployment's key file.
    package func secretSealing() throws(StartError) -> SecretSealing {
        let secrets = try requireSecrets()
        return SecretSealing(seal: { try secrets.seal($0) }, open: { try secrets.open($0) })
    }

    /// A name for this start of this process, unique among all: what leases and claims go by.
    package func processName() -> String {
        ProcessName.own(service: methods.service, place: ProcessName.here, random: UInt32.random(in: 0 ... .max))
    }

    /// Whether a process with such a name is known to be there no longer: one of this host, that is.
    package static var isGone: @Sendable (String) -> Bool {
        { name in ProcessName(name)?.isGone(at: ProcessName.here, .system) ?? false }
    }

    /// Milliseconds since 1970, by this machine's clock.
    package static var clock: @Sendable () -> Int64 {
        { Int64(Date().timeIntervalSince1970 * 1_000) }
    }
}

extension ServiceHost {
    /// Where this service listens, for addresses that it shows: `http://127.0.0.1:7101`.
    package func localURL(default port: Int) -> String {
        "http://\(settings[CommonSettings.host]):\(settings[CommonSettings.port(default: port)])"
    }
}
