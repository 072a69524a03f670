import ServiceKit

/// Runs the engine over the inbox and the timers of its partitions; owns journeys and instances.
@main
enum Main {
    static func main() async {
        await ServiceProcess.run(
            ServiceDescription(
                name: "journey-execution",
                summary: "Runs journeys: takes events, data and outcomes from the inboxes and moves people on.",
                port: 7103, settings: JourneyExecutionSettings.all)
        ) { host throws(StartError) in try await JourneyExecution.wire(host) }
    }
}
