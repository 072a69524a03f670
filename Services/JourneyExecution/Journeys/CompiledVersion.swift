import Engine
import Models

/// What became of compiling a published version.
enum CompiledVersion {
    case plan(Plan)
    /// People may be inside, and wait.
    case broken(JourneySet.Broken)
    /// Nobody is inside; with the plan goes its goal.
    case gone

    /// By what the version was published with, where that is kept; else by the definitions that there are.
    ///
    /// A version that people may be in also needs the definitions that it names, since addresses are those of now:
    /// without them everybody who comes to an action would leave by its error.
    init(_ version: JourneyShelf.Version, of journey: JourneyShelf.Item, _ catalogue: Catalogue) {
        let content = journey.content(of: version.number)
        func broken(_ reasons: [String]) -> CompiledVersion {
            if version.state == .finished { return .gone }
            return .broken(
                JourneySet.Broken(
                    content?.document ?? JourneyDocument([:]), journey: journey.name, version: version.number,
                    state: version.state, reasons: Array(reasons.prefix(JourneySet.Broken.reasonsMax))))
        }
        guard let content else {
            self = broken(["the version cannot be read"])
            return
        }
        let compilation: Compilation
        if let json = content.basis {
            guard let basis = PlanBasis(json: json) else {
                self = broken(["what it was compiled from cannot be read"])
                return
            }
            let missing = version.state.isOpen ? basis.missing(in: catalogue) : []
            if !missing.isEmpty {
                self = broken(missing.map { "\($0) is missing or cannot be read" })
                return
            }
            compilation = Plan.compile(content.document, version: version.number, basis: basis, now: catalogue)
        } else {
            compilation = Plan.compile(content.document, version: version.number, catalogue: catalogue)
        }
        self =
            compilation.plan.map(CompiledVersion.plan)
            ?? broken(compilation.findings.filter { $0.severity == .error }.map(Self.sentence))
    }

    private static func sentence(_ finding: Finding) -> String {
        let place = [finding.node.map { "node \($0)" }, finding.field].compactMap(\.self).joined(separator: ", ")
        return place.isEmpty ? finding.message : "\(place): \(finding.message)"
    }
}

extension JourneySet.State {
    /// Whether people are inside who go on.
    var isOpen: Bool {
        switch self {
        case .live, .paused, .closed: true
        case .stopped, .finished: false
        }
    }
}

extension JourneyRecord.Version {
    /// The plan that its people went by; nil where it cannot be made any more.
    func plan(_ catalogue: Catalogue) -> Plan? {
        let read = JourneyDocument(document)
        guard let basis else { return Plan.compile(read, version: number, catalogue: catalogue).plan }
        return PlanBasis(json: basis).flatMap {
            Plan.compile(read, version: number, basis: $0, now: catalogue).plan
        }
    }
}
