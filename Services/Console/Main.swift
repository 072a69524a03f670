import ServiceKit

/// Serves the web console and relays its calls to the services with the user's key.
@main
enum Main {
    static func main() async {
        await ServiceProcess.run(
            ServiceDescription(
                name: "console",
                summary: "Serves the web console, signs people in and relays their calls to the services.",
                port: 7100, settings: ConsoleSettings.all)
        ) { host throws(StartError) in try await ConsoleWiring.wire(host) }
    }
}
