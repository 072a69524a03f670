import Models

/// What is counted together: step events that are alike in all but person and time. Texts that are missing are empty.
struct TallySeries: Sendable, Hashable {
    let journey: String
    let version: Int64
    /// A ``StepEvent/Kind``.
    let kind: String
    let node: String
    let type: String
    let status: String
    let path: String
    let code: String
    /// The test or dry run; empty for what is real.
    let run: String
}

extension TallySeries {
    init(_ record: StepRecord, _ event: StepEvent) {
        self.init(
            journey: record.journey, version: record.version, kind: event.kind.rawValue, node: event.node ?? "",
            type: event.type ?? "", status: event.status ?? "", path: event.path ?? "", code: event.code ?? "",
            run: record.run?.id ?? "")
    }

    /// By what journeys' sums tell apart what came of people: how they left, or why they did not enter.
    var outcome: String { kind == StepEvent.Kind.refused.rawValue ? code : status }

    /// Whether times of these are kept as a distribution: of nodes that took time, actions above all, and of look-ups.
    var isTimed: Bool { kind == StepEvent.Kind.node.rawValue || kind == StepEvent.Kind.fetch.rawValue }
}
