import Definitions
import JSONRPC
import Models
import Queues
import ServiceKit

/// Answers fetch requests from external sources, and keeps profiles.
@main
enum Main {
    static func main() async {
        await ServiceProcess.run(
            ServiceDescription(
                name: "data-source-fetching",
                summary: "Answers journeys' requests for data from external sources, and keeps profiles.", port: 7102,
                settings: DataSourceFetchingSettings.all)
        ) { host throws(StartError) in
            let deployment = try await host.deployment()
            // Without a key file all works but sources with secrets, which say what is missing.
            let sealing = host.secrets == nil ? SecretSealing.withoutKey : try host.secretSealing()
            let parts: DataSourceFetching
            do {
                parts = try DataSourceFetching(
                    redis: host.redis, keys: host.keys, deployment: deployment, store: host.definitionStore(),
                    sealing: sealing, options: DataSourceFetchingSettings.options(host), logger: host.logger)
            } catch {
                throw StartError("The service cannot start: \(error)")
            }
            host.methods.add(parts.methods)
            let inspector = QueueInspector(redis: host.redis, keys: host.keys, partitions: deployment.partitions)
            host.methods.add(QueueMethods(inspector).methods)
            host.watchQueues(["fetches", "fetches:claimed", "fetches:retry", "fetches:dead"], inspector)
            host.services += parts.services
            host.status.add("fetching") { parts.status() }
        }
    }
}
