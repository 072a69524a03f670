import ServiceKit

/// A service that calls are relayed to, as its executable and its path `/relay/{service}` name it.
enum ServiceName: String, CaseIterable, Sendable {
    case console
    case eventIngestion = "event-ingestion"
    case dataSourceFetching = "data-source-fetching"
    case journeyExecution = "journey-execution"
    case actionDispatch = "action-dispatch"
    case journeyReporting = "journey-reporting"

    /// The place of its port after the base port.
    var portOffset: Int {
        switch self {
        case .console: 0
        case .eventIngestion: 1
        case .dataSourceFetching: 2
        case .journeyExecution: 3
        case .actionDispatch: 4
        case .journeyReporting: 5
        }
    }

    /// Where the service is, if it is not at the host and port that follow from the others; the console knows itself.
    var urlSetting: Setting<String?>? {
        self == .console
            ? nil
            : .optionalText(
                "\(rawValue)-url", name: "URL", "Where \(rawValue) is, when not at the services' host and its port.")
    }
}
