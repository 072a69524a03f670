import Models

/// One evaluation in progress.
struct Run {
    /// Operations, items looked at and characters made count; past this an evaluation ends as an error.
    static let stepsMax = 100_000
    /// Bytes of a text that an operation may make.
    static let textBytesMax = 1024 * 1024
    /// Bytes of text that count as one step.
    static let textBytesPerStep = 64
    /// Look-ups one round may ask for.
    static let requestsMax = 64

    let context: any EvaluationContext
    /// Where it is asked what can be told already: the facts that may still change.
    let unknown: UnknownFacts?
    /// The place of the call in progress among those that draw.
    var site = 0
    /// The items that conditions inside paths are looking at, the innermost last.
    var items: [JSONValue] = []
    private(set) var requests: [LookupRequest] = []
    private var steps = 0
    /// How often each place that draws has drawn; empty until the first draw.
    private var draws: [UInt64] = []

    init(context: any EvaluationContext, unknown: UnknownFacts? = nil) {
        self.context = context
        self.unknown = unknown
    }

    @inline(__always)
    mutating func step(_ span: Span, count: Int = 1) throws(Fault) {
        steps &+= count
        if steps > Self.stepsMax {
            throw Fault(
                code: .tooManySteps, span: span, message: "The evaluation takes more than \(Self.stepsMax) steps.")
        }
    }

    /// What a function does beyond looking at its arguments once, which its call has counted.
    mutating func spend(_ count: Int) throws(FunctionFailure) {
        steps &+= min(count, Self.stepsMax + 1)
        if steps > Self.stepsMax {
            throw FunctionFailure(.tooManySteps, "The evaluation takes more than \(Self.stepsMax) steps.")
        }
    }

    /// Asked before a text of so many bytes is made.
    mutating func spend(textBytes: Int) throws(FunctionFailure) {
        guard textBytes <= Self.textBytesMax else {
            throw FunctionFailure(.tooLong, "The text would be longer than \(Self.textBytesMax / 1024) KiB.")
        }
        try spend(textBytes / Self.textBytesPerStep)
    }

    mutating func ask(for request: LookupRequest, _ span: Span) throws(Fault) {
        if requests.contains(where: { $0.key == request.key }) { return }
        guard requests.count < Self.requestsMax else {
            throw Fault(
                code: .tooManyLookups, span: span,
                message: "The expression needs more than \(Self.requestsMax) look-ups at once.")
        }
        requests.append(request)
    }

    /// Takes away the requests that were made since a point, to decide later which of them are needed.
    mutating func takeRequests(from count: Int) -> [LookupRequest] {
        let taken = Array(requests[count...])
        dropRequests(from: count)
        return taken
    }

    mutating func dropRequests(from count: Int) {
        requests.removeSubrange(count...)
    }

    /// The next draw of one place in the expression. It depends on the seed, the place and how often that place has
    /// drawn, not on what else was evaluated: a round that stopped for a look-up draws the same again.
    mutating func draw() -> UInt64 {
        while draws.count <= site { draws.append(0) }
        let number = draws[site]
        draws[site] += 1
        let place = Run.mixed(UInt64(site) &+ 1)
        return Run.mixed(context.seed ^ Run.mixed(place &+ number &* 0x9e37_79b9_7f4a_7c15))
    }

    /// The finalizer of SplitMix64 (Steele, Lea, Flood, 2014).
    private static func mixed(_ value: UInt64) -> UInt64 {
        var mixed = value &+ 0x9e37_79b9_7f4a_7c15
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
