import Foundation

/// An executable of the suite.
package enum SuiteService: String, CaseIterable, Sendable {
    case eventIngestion = "event-ingestion"
    case dataSourceFetching = "data-source-fetching"
    case journeyExecution = "journey-execution"
    case actionDispatch = "action-dispatch"
    case journeyReporting = "journey-reporting"
    case console
    /// The third parties of the examples; most tests play those themselves (``Partners``).
    case demoPartners = "demo-partners"

    package static let six: [SuiteService] = allCases.filter { $0 != .demoPartners }

    /// The variable that tells the console and the command line tool where the service is.
    var urlVariable: String { "SOJOURN_" + rawValue.uppercased().replacing("-", with: "_") + "_URL" }

    /// The executables of a build lie beside its tests.
    static func executable(named name: String) throws -> String {
        let test = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let path = URL(fileURLWithPath: test).deletingLastPathComponent().appendingPathComponent(name).path
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw TestKitError("\(path) is missing: build everything first (swift build --build-tests).")
        }
        return path
    }
}
