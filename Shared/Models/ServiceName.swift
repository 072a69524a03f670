/// A service of the suite, as its executable and the console's path `/relay/{service}` name it.
package enum ServiceName: String, CaseIterable, Sendable {
    case console
    case eventIngestion = "event-ingestion"
    case dataSourceFetching = "data-source-fetching"
    case journeyExecution = "journey-execution"
    case actionDispatch = "action-dispatch"
    case journeyReporting = "journey-reporting"

    /// The place of its port after the base port.
    package var portOffset: Int {
        switch self {
        case .console: 0
        case .eventIngestion: 1
        case .dataSourceFetching: 2
        case .journeyExecution: 3
        case .actionDispatch: 4
        case .journeyReporting: 5
        }
    }
}
