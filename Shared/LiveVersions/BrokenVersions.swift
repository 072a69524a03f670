import Definitions
import Engine
import Models

/// Which versions would no longer compile with another catalogue: pure.
package enum BrokenVersions {
    /// What is wrong with each version under the new catalogue that was not wrong under the old one. A version that
    /// has mistakes already goes on by what it was published with, and stops no change that mends or leaves them.
    ///
    /// - Parameter path: of the problem in what is changed, by the finding.
    package static func breakage(
        of versions: [LiveVersion], before: Catalogue, after: Catalogue, path: (Finding) -> String
    ) -> Breakage {
        var breakage = Breakage()
        for version in versions {
            let errors = errors(version, after)
            if errors.isEmpty { continue }
            let known = Set(Self.errors(version, before).map(Place.init))
            let new = errors.filter { !known.contains(Place($0)) }
            if new.isEmpty { continue }
            breakage.add(version.use, new.map { Problem(path: path($0), message: sentence($0, version)) })
        }
        return breakage
    }

    private struct Place: Hashable {
        let code: String
        let node: String?
        let field: String?

        init(_ finding: Finding) {
            code = finding.code
            node = finding.node
            field = finding.field
        }
    }

    private static func errors(_ version: LiveVersion, _ catalogue: Catalogue) -> [Finding] {
        Plan.compile(version.document, version: version.number, catalogue: catalogue).findings
            .filter { $0.severity == .error }
    }

    private static func sentence(_ finding: Finding, _ version: LiveVersion) -> String {
        let place = [finding.node.map { "node \($0)" }, finding.field].compactMap(\.self).joined(separator: ", ")
        return "journey \(version.journey), version \(version.number), \(place): \(finding.message)"
    }
}
