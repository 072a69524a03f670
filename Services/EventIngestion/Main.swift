import ServiceKit

/// Takes events, finds out whose they are, and appends them to the inboxes.
@main
enum Main {
    static func main() async {
        await ServiceProcess.run(
            ServiceDescription(
                name: "event-ingestion",
                summary: "Takes events over HTTP inlets and JSON-RPC, validates them and appends them to the inboxes.",
                port: 7101, settings: EventIngestionSettings.all, hasShortRequests: true)
        ) { host throws(StartError) in try await EventIngestion.wire(host) }
    }
}
