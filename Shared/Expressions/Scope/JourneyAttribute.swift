/// A property of the run that `@journey{…}` reads.
package enum JourneyAttribute: String, Sendable, CaseIterable {
    case journeyUID, journeyVersionUID, journeyVersionName, journeyVersionDescription, journeyVersion
    case instanceUID, externalKey, organizationId, sandboxName, profileId, namespace
    case currentNodeId, currentNodeName, previousNodeId, previousNodeName
    case lastNodeUIDInError, lastNodeNameInError, lastNodeTypeInError
    case lastErrorCode, lastExecutedActionErrorCode, lastDataFetchErrorCode
    /// Milliseconds.
    case lastActionExecutionElapsedTime, lastDataFetchElapsedTime

    package var type: ValueType {
        switch self {
        case .journeyVersion, .lastActionExecutionElapsedTime, .lastDataFetchElapsedTime: .integer
        default: .string
        }
    }
}
