import ServiceKit

/// Drains step events into the step store; answers what happened.
@main
enum Main {
    static func main() async {
        await ServiceProcess.run(
            ServiceDescription(
                name: "journey-reporting",
                summary: "Keeps what happened to whom: drains step events into the step store and answers queries.",
                port: 7105, settings: JourneyReportingSettings.all)
        ) { host throws(StartError) in try await JourneyReporting.wire(host) }
    }
}
