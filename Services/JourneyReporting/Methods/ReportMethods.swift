import Expressions
import JSONRPC
import Models

/// `reports.journey` and `reports.live`.
struct ReportMethods {
    let store: any StepStore
    let leader: DrainLeader
    let live: LiveReport

    private static let sums: JSONValue = [
        "entered": 3, "inProgress": 1, "finished": 1, "failed": 1, "exited": 0, "timedOut": 0, "stopped": 0,
        "converted": 0, "refused": 1, "filteredOut": 12,
    ]
    private static let node: JSONValue = [
        "node": "thank", "type": "action", "arrived": 2, "passed": 1, "failed": 1, "timedOut": 0,
        "paths": [["path": "next", "count": 1]], "failedByReason": [["reason": "http_503", "count": 1]],
        "action": [
            "sent": 1, "failed": 1, "capped": 0, "latency": ["count": 2, "p50Ms": 40, "p95Ms": 90, "p99Ms": 90],
        ],
    ]
    private static let figures: JSONObject = [
        "totals": sums, "failedByReason": [["reason": "http_503", "count": 1]],
        "refusals": [["reason": "filterFalse", "count": 12], ["reason": "alreadyInside", "count": 1]],
        "nodes": [node],
    ]

    func register(in registry: inout MethodRegistry) {
        registry.add(journeyMethod, liveMethod)
    }

    private var journeyMethod: RPCMethod {
        var example: JSONObject = [
            "journey": "welcome", "from": "2026-01-01T00:00:00.000Z", "to": "2026-01-02T00:00:00.000Z",
            "interval": "PT1H",
        ]
        example.merge(Self.figures)
        example["buckets"] = [["at": "2026-01-01T00:00:00.000Z", "entered": 3]]
        return RPCMethod(
            "reports.journey", summary: "What became of people in a journey over a time.",
            description: """
                Counts are kept by minutes, those older than a day by hours: `from` is moved back and `to` on to a \
                whole one, and the answer says to which. `inProgress` is who was inside at the end. `refusals` counts \
                every reason; `filteredOut` are those whom the journey is not for (`filterFalse`, `alreadyAdmitted`), \
                `refused` all others. Tests and dry runs are told only where `run` asks for one.
                """,
            scope: .read,
            params: [
                .required("name", .name, "The journey."),
                .optional("from", .timestamp, "Included; a day before the end by default."),
                .optional("to", .timestamp, "Not included; now by default."),
                .optional("interval", .duration, "The length of a bucket: whole minutes, at most 10,000 buckets."),
                .optional("version", .integer(1...Int64.max), "One version; all together by default."),
                .optional("run", .string, "A test or dry run."),
            ], result: .object, errors: [.notFound, .unavailable],
            example: RPCExample(
                params: ["name": "welcome", "from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"],
                result: .object(example))
        ) { _, params throws(RPCError) in try await journey(params) }
    }

    private var liveMethod: RPCMethod {
        RPCMethod(
            "reports.live", summary: "What became of people in a journey since its start and in the last minute.",
            scope: .read, params: [.required("name", .name, "The journey.")], result: .object,
            errors: [.notFound, .unavailable],
            example: RPCExample(
                params: ["name": "welcome"],
                result: [
                    "journey": "welcome", "at": "2026-01-01T00:00:00.000Z", "sinceStart": .object(Self.figures),
                    "lastMinute": .object(Self.figures),
                ])
        ) { _, params throws(RPCError) in
            try leader.require()
            let name = params["name"]?.stringValue ?? ""
            do {
                if let report = try await live.report(of: name) { return .object(report) }
            } catch { throw .unavailable("The step store does not answer.", cause: error) }
            throw .notFound("journey \(name)")
        }
    }

    private func journey(_ params: JSONObject) async throws(RPCError) -> JSONValue {
        try leader.require()
        let name = params["name"]?.stringValue ?? ""
        let ways = await live.documents.ways(of: name)
        let query = ReportQuery(
            journey: name, version: params["version"]?.integerValue, origin: ways?.origin ?? 0,
            run: params["run"]?.stringValue, period: try period(params))
        let figures: ReportFigures
        do { figures = try await store.report(query) } catch {
            throw .unavailable("The step store does not answer.", cause: error)
        }
        if ways == nil, figures.sums.isEmpty, figures.inProgress == 0 {
            let known: [TallySeries: Int64]
            do { known = try await store.sumsSinceStart(journey: name, origin: 0) } catch {
                throw .unavailable("The step store does not answer.", cause: error)
            }
            if known.isEmpty { throw .notFound("journey \(name)") }
        }
        let minutes = query.period.minutes
        var answer: JSONObject = ["journey": .string(name)]
        if let version = query.version { answer["version"] = .integer(version) }
        if let run = query.run { answer["run"] = .string(run) }
        answer["from"] = .string(Timestamp.text(minutes.lowerBound * TallyMinute.milliseconds))
        answer["to"] = .string(Timestamp.text(minutes.upperBound * TallyMinute.milliseconds))
        answer["interval"] = .string(ISODuration.text(query.period.interval * TallyMinute.milliseconds))
        let shown = JourneyFigures(figures.sums, times: figures.times, ways: ways)
        answer.merge(shown.members(inProgress: figures.inProgress))
        answer["buckets"] = .array(buckets(figures, query.period))
        return .object(answer)
    }

    /// All of them, also those in which nothing happened.
    private func buckets(_ figures: ReportFigures, _ period: ReportPeriod) -> [JSONValue] {
        stride(from: period.minutes.lowerBound, to: period.minutes.upperBound, by: Int(period.interval)).map { minute in
            let place = (minute - period.minutes.lowerBound) / period.interval
            var bucket: JSONObject = ["at": .string(Timestamp.text(minute * TallyMinute.milliseconds))]
            bucket.merge((figures.buckets[place] ?? JourneySums()).members)
            return .object(bucket)
        }
    }

    private func period(_ params: JSONObject) throws(RPCError) -> ReportPeriod {
        var interval: Int64?
        if let text = params["interval"]?.stringValue {
            guard let milliseconds = ISODuration.milliseconds(text) else {
                throw .invalidParams(path: "/interval", message: "must be an ISO 8601 duration such as PT15M or P1D")
            }
            interval = milliseconds
        }
        do {
            return try ReportPeriod(
                from: try StepFilter.time(params["from"], "/from"), to: try StepFilter.time(params["to"], "/to"),
                intervalMilliseconds: interval, now: live.clock())
        } catch let refused as RefusedPeriod {
            throw .invalidParams(path: refused.path, message: refused.message)
        } catch let error as RPCError {
            throw error
        } catch {
            throw .internalError(cause: error)
        }
    }
}
