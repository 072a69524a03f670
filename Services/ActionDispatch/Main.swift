import ServiceKit

/// Performs what journeys ask for: custom actions over HTTP, with retries, breakers and dead letters.
@main
enum Main {
    static func main() async {
        await ServiceProcess.run(
            ServiceDescription(
                name: "action-dispatch",
                summary: "Performs the actions of journeys at third parties, with retries and dead letters.",
                port: 7104, settings: ActionDispatchSettings.all)
        ) { host throws(StartError) in try await ActionDispatch.wire(host) }
    }
}
