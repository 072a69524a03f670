import Expressions
import Models

/// Compiling conditions.
extension PlanCompiler {
    mutating func compiled(
        _ step: JourneyNode.Condition, _ place: Int, _ expressions: inout [CompiledExpression]
    ) -> ConditionStep {
        if step.paths.isEmpty {
            report(
                .noPaths, node: place, field: "/paths", "The condition has no paths.", "Add a path, or remove the node."
            )
        }
        checkShares(step, place)
        var paths: [ConditionStep.Path] = []
        var share = 0.0
        var labels: Set<String> = ["otherwise", "onError"]
        var texts: Set<String> = []
        var isDecided = false
        for (number, path) in step.paths.enumerated() {
            let field = "/paths/\(number)"
            let label = path.label ?? "path \(number + 1)"
            if !labels.insert(label).inserted {
                report(
                    .duplicateLabel, .warning, node: place, field: field + "/label",
                    "Another way out of the node is called \(quoted(label)), so reports count both as one.",
                    "Give each path a label of its own.")
            }
            if isDecided {
                report(
                    .neverHolds, .warning, node: place, field: field,
                    "An earlier path always holds, so this one never does.",
                    "Remove the path, or put it before the other.")
            }
            let test = compiled(path.test, place, field, &share)
            if case .when(let expression)? = test {
                let compiled = expression.compiled
                expressions.append(compiled)
                if let constant = compiled.constant, constant.isTrue { isDecided = true }
                if !texts.insert(compiled.text).inserted, !isDecided {
                    report(
                        .neverHolds, .warning, node: place, field: field,
                        "An earlier path has the same expression, so this one never holds.", "Remove one of them.")
                }
            }
            let next = path.way.next.compactMap { indexes[$0] }
            paths.append(
                .init(label: label, reason: path.test.reason, test: test ?? .share(from: 0, to: 0), next: next))
        }
        func targets(_ way: JourneyNode.Way?) -> [Int]? { way.map { $0.next.compactMap { indexes[$0] } } }
        return ConditionStep(
            paths: paths, otherwise: targets(step.otherwise), onError: targets(step.onError), prefetch: step.prefetch,
            redraw: step.redraw)
    }

    private mutating func checkShares(_ step: JourneyNode.Condition, _ place: Int) {
        let shares = step.paths.compactMap { path in
            if case .share(let share) = path.test { share } else { nil }
        }
        let sum = shares.reduce(0, +)
        if !shares.isEmpty, abs(sum - 100) > 1e-6 {
            let text = PlainNumber.text(sum)
            report(
                .sharesSum, node: place, field: "/paths", "The shares sum to \(text) %, not 100 %.",
                "Change the shares so that they sum to 100.")
        }
    }

    /// - Parameter share: where the shares of the paths before end.
    private mutating func compiled(
        _ test: JourneyNode.Path.Test, _ place: Int, _ field: String, _ share: inout Double
    ) -> PathTest? {
        switch test {
        case .when(let text):
            let use = Use(expects: .boolean)
            guard let compiled = expression(text, node: place, field: field + "/when", use) else { return nil }
            if compiled.isNeverTrue {
                reportNever(place, field + "/when", "The condition is never true.")
            }
            return .when(PlanExpression(compiled))
        case .share(let part):
            if part == 0 { reportNever(place, field + "/share", "A share of 0 % is nobody.") }
            let start = share
            share += part
            // The last share ends at 100 whatever the rounding before it.
            return .share(from: start, to: abs(share - 100) <= 1e-6 ? .infinity : share)
        case .time(let from, let to, let days): return compiledTime(from, to, days, place, field + "/time")
        case .date(let from, let to):
            let start = time(from, node: place, field: field + "/date/from")
            let end = time(to, node: place, field: field + "/date/to")
            if let start, let end, start.instant(in: .utc) >= end.instant(in: .utc) {
                reportNever(place, field + "/date", "The end is not later than the start.")
            } else {
                checkDates(start, end, place, field + "/date")
            }
            return .date(from: start, to: end)
        case .cap(let limit):
            if limit == 0 { reportNever(place, field + "/cap", "The first 0 people are nobody.") }
            return .cap(limit)
        case .none: return nil
        }
    }

    private mutating func compiledTime(
        _ from: String?, _ to: String?, _ days: [String], _ place: Int, _ field: String
    ) -> PathTest? {
        let bits = dayBits(days, node: place, field: field + "/days")
        guard let from, let to else { return .time(from: 0, to: 86_400_000, days: bits) }
        let start = timeOfDay(from, node: place, field: field + "/hours/0")
        let end = to == "24:00" ? 86_400_000 : timeOfDay(to, node: place, field: field + "/hours/1")
        guard let start, let end else { return nil }
        if start == end {
            reportNever(place, field + "/hours", "From and to are the same time, so there is none between.")
        }
        return .time(from: start, to: end, days: bits)
    }

    /// Dates that are past at publication, or outside the time of the journey.
    private mutating func checkDates(_ start: PlanTime?, _ end: PlanTime?, _ place: Int, _ field: String) {
        let zone = parts.zone.orFallback
        if let end = end?.instant(in: zone), let now, end <= now {
            reportNever(place, field + "/to", "The end is past.")
        } else if let end = end?.instant(in: zone), let begin = parts.startAt, end <= begin {
            reportNever(place, field + "/to", "The journey starts after the end.")
        } else if let start = start?.instant(in: zone), let over = parts.endAt, start >= over {
            reportNever(place, field + "/from", "The journey is over before the start.")
        }
    }

    private mutating func reportNever(_ place: Int, _ field: String, _ message: String) {
        report(
            .neverHolds, .warning, node: place, field: field, message + " The path can never hold.",
            "Change the condition, or remove the path.")
    }
}

extension JourneyNode.Path.Test {
    /// What a step event says of a decision for this path.
    var reason: String {
        switch self {
        case .when(let text): return text
        case .time(let from, let to, let days):
            let hours = from.map { "\($0)–\(to ?? "")" } ?? ""
            return "time " + [hours, days.joined(separator: ", ")].filter { !$0.isEmpty }.joined(separator: " ")
        case .date(let from, let to):
            return "date "
                + [from.map { "from \($0)" }, to.map { "to \($0)" }]
                .compactMap(\.self).joined(separator: " ")
        case .share(let share): return "share \(PlainNumber.text(share)) %"
        case .cap(let count): return "first \(count)"
        case .none: return ""
        }
    }
}
