import Expressions
import Models

/// Conditions, and the evaluation of expressions with their look-ups.
extension Turn {
    enum Evaluated {
        case value(Value)
        case lookups([LookupRequest])
        case failed(code: String, detail: String)
    }

    /// - Parameter notes: whether the step event tells what the expression reads; of one that fails it always does.
    func evaluate(
        _ expression: PlanExpression, _ instance: borrowing Instance, _ node: Int, notes: Bool = false
    ) -> Evaluated {
        if let constant = expression.compiled.constant { return .value(constant) }
        context.load(copy instance, node: node, now: at)
        defer { context.unload() }
        do {
            let value = try value(of: expression, for: instance.id, instance.plan)
            if notes { context.note(expression) }
            return .value(value)
        } catch {
            if case .needsLookups(let requests) = error { return .lookups(requests) }
            context.note(expression)
            switch error {
            case .needsLookups(let requests): return .lookups(requests)
            case .error(let error) where error.code == .lookupFailed:
                return .failed(code: "lookupFailed", detail: instance.failedLookup ?? error.message)
            case .error(let error): return .failed(code: error.code.rawValue, detail: error.message)
            }
        }
    }

    mutating func decide(_ instance: inout Instance, _ node: Int, _ step: ConditionStep) -> Next {
        if let label = engine.run?.forcedPaths[instance.plan.nodes[node].id], let way = step.way(label) {
            pass(&instance, node, path: label, detail: "chosen for the run")
            return .go(way)
        }
        if step.prefetch, instance.round == 0 {
            let requests = allLookups(instance, node, step)
            if !requests.isEmpty { return ask(&instance, node, requests, onError: step.onError) }
        }
        noteEarlierPaths(instance, node, step)
        while instance.path < step.paths.count {
            let path = step.paths[instance.path]
            let holds: Bool
            switch path.test {
            case .when(let expression):
                switch evaluate(expression, instance, node, notes: true) {
                case .value(let value): holds = value.isTrue
                case .lookups(let requests): return ask(&instance, node, requests, onError: step.onError)
                case .failed(let code, let detail):
                    return fail(&instance, node, code: code, detail: detail, onError: step.onError)
                }
            case .cap(let limit):
                switch instance.answer(to: place(instance, node, limit: limit).key) {
                case .data(let data): holds = data == true
                case .failed(let code):
                    return fail(
                        &instance, node, code: "lookupFailed", detail: "\(path.reason): \(code)", onError: step.onError)
                case nil: return askPlace(&instance, node, limit: limit, onError: step.onError)
                }
            default:
                if path.test.isOfTime { context.readings.usesTime = true }
                holds = self.holds(path.test, instance, node, redraw: step.redraw)
            }
            if holds {
                pass(&instance, node, path: path.label, detail: path.reason)
                return .go(path.next)
            }
            instance.path += 1
        }
        pass(&instance, node, path: step.otherwise == nil ? nil : "otherwise")
        return .go(step.otherwise ?? [])
    }

    /// Of paths that were found not to hold before a look-up for a later one was answered.
    private func noteEarlierPaths(_ instance: Instance, _ node: Int, _ step: ConditionStep) {
        context.forgetReadings()
        if instance.path == 0 { return }
        context.load(instance, node: node, now: at)
        defer { context.unload() }
        for path in step.paths[..<min(instance.path, step.paths.count)] {
            if case .when(let expression) = path.test { context.note(expression) }
            if path.test.isOfTime { context.readings.usesTime = true }
        }
    }

    private func allLookups(_ instance: Instance, _ node: Int, _ step: ConditionStep) -> [LookupRequest] {
        var requests: [LookupRequest] = []
        for path in step.paths {
            guard case .when(let expression) = path.test,
                case .lookups(let needed) = evaluate(expression, instance, node)
            else { continue }
            requests.add(needed)
        }
        return requests
    }

    private func holds(_ test: PathTest, _ instance: borrowing Instance, _ node: Int, redraw: Bool) -> Bool {
        let zone = context.zone(of: instance.plan)
        switch test {
        case .when, .cap: return false
        case .share(let from, let to):
            let salt = instance.plan.nodes[node].salt
            let seed = Draw.seed(instance.seed, salt: salt, visit: redraw ? instance.visit(of: node) : 0)
            let number = Draw.percent(seed)
            return from <= number && number < to
        case .date(let from, let to):
            if let from, at < from.instant(in: zone) { return false }
            if let to, at >= to.instant(in: zone) { return false }
            return true
        case .time(let from, let to, let days):
            let local = zone.local(of: at)
            let time = local.millisecondOfDay
            var day = local.date
            if from <= to {
                guard from <= time, time < to else { return false }
            } else if time < to {
                // The hours that began yesterday belong to yesterday.
                day = day.adding(days: -1)
            } else if time < from {
                return false
            }
            return days & 1 << UInt8(day.dayOfWeek) != 0
        }
    }

    // MARK: Look-ups

    /// Asks for data and waits for it at the node.
    mutating func ask(
        _ instance: inout Instance, _ node: Int, _ requests: [LookupRequest], onError: [Int]?
    ) -> Next {
        let fields = instance.plan.nodes[node].lookupFields
        let lookups = requests.map { request in
            FetchRequest.Lookup(
                key: request.key, source: request.source, group: request.group, parameters: request.parameters,
                fields: fields[request.source + "." + request.group] ?? [])
        }
        return ask(
            &instance, node, lookups, [], asked: requests.map { ($0.key, $0.source + "." + $0.group) },
            onError: onError)
    }

    /// Asks for a place among the first people that come to a path.
    private mutating func askPlace(
        _ instance: inout Instance, _ node: Int, limit: Int64, onError: [Int]?
    ) -> Next {
        let place = place(instance, node, limit: limit)
        return ask(&instance, node, [], [place], asked: [(place.key, "first \(limit)")], onError: onError)
    }

    /// The place under the cap of the path whose turn it is.
    private func place(_ instance: borrowing Instance, _ node: Int, limit: Int64) -> FetchRequest.Place {
        let path = "\(instance.plan.nodes[node].id):\(instance.path)"
        let run = engine.run.map { $0.mark.id + ":" } ?? ""
        return FetchRequest.Place(
            key: "cap:" + path, name: "\(run)\(instance.plan.journey):\(instance.plan.version):\(path)", limit: limit,
            instance: instance.id)
    }

    private mutating func ask(
        _ instance: inout Instance, _ node: Int, _ lookups: [FetchRequest.Lookup], _ places: [FetchRequest.Place],
        asked: [(key: String, group: String)], onError: [Int]?
    ) -> Next {
        context.forgetReadings()
        var roundsMax = engine.limits.lookupRoundsMax
        if case .condition(let step) = instance.plan.nodes[node].step { roundsMax += step.paths.count }
        guard instance.round < roundsMax else {
            return fail(
                &instance, node, code: "tooManyLookups", detail: "more than \(roundsMax) rounds of look-ups",
                onError: onError)
        }
        instance.round += 1
        instance.phase = .lookingUp
        instance.due = guardDue
        let id = instance.requestID(round: instance.round)
        instance.pending = id
        instance.asked = asked
        output.effects.append(
            .fetch(
                FetchRequest(
                    id: id, origin: origin(instance, node), lookups: lookups, places: places,
                    timeoutMilliseconds: instance.plan.timeoutMilliseconds)))
        return .stay
    }

    func origin(_ instance: borrowing Instance, _ node: Int) -> RequestOrigin {
        RequestOrigin(
            person: traveler.person, journey: instance.plan.journey, version: instance.plan.version,
            instance: instance.id, node: instance.plan.nodes[node].id, visit: instance.visit(of: node),
            run: engine.run?.mark)
    }
}

extension PathTest {
    /// Whether it goes by the time and the day.
    var isOfTime: Bool {
        switch self {
        case .time, .date: true
        case .when, .share, .cap: false
        }
    }
}

extension ConditionStep {
    /// Where the way with this label leads.
    func way(_ label: String) -> [Int]? {
        switch label {
        case "otherwise": otherwise
        case "onError": onError
        default: paths.first { $0.label == label }?.next
        }
    }
}

extension Instance {
    /// What a step event says of the look-up that failed.
    var failedLookup: String? {
        for (key, answer) in answers {
            if case .failed(let code) = answer { return "\(LookupKey.group(of: key)): \(code)" }
        }
        return nil
    }
}

/// Look-up keys begin as `["source","group",…`.
enum LookupKey {
    /// How all keys of a group's look-ups begin.
    static func beginning(of source: String, _ group: String) -> String {
        var bytes = JSONValue.array([.string(source), .string(group)]).bytes
        bytes[bytes.count - 1] = UInt8(ascii: ",")
        return String(decoding: bytes, as: UTF8.self)
    }

    static func group(of key: String) -> String {
        guard let parts = try? JSONValue.parse(key), let source = parts[0]?.stringValue,
            let group = parts[1]?.stringValue
        else { return "look-up" }
        return source + "." + group
    }
}
