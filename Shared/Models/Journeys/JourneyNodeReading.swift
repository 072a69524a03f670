extension JourneyNode {
    init(_ reader: inout ObjectReader, place: Int) {
        self.place = place
        id = reader.requiredString("id")
        type = reader.requiredString("type")
        label = reader.string("label")
        if let object = reader.object("position") {
            var part = ObjectReader(object, path: reader.pointer("position"))
            _ = part.number("x", in: -1e9...1e9)
            _ = part.number("y", in: -1e9...1e9)
            part.refuseUnknown()
            reader.report(part.problems)
        }
        visitsMax = reader.integer("maxVisits", in: 1...10_000) ?? Self.visitsMaxDefault
        body = Self.body(type, &reader)
        switch body {
        case .condition, .end:
            way = Way(next: [])
            if let next = reader.value("next"), next != .array([]) {
                reader.report("next", "is not for a node of type \(type)")
            }
        case .unknown:
            way = Way(next: reader.targets("next"))
            return
        default: way = Way(next: reader.targets("next"))
        }
        reader.refuseUnknown()
    }

    private static func body(_ type: String, _ reader: inout ObjectReader) -> Body {
        switch type {
        case "event": return .event(Event(&reader))
        case "businessEvent": return .businessEvent(event: reader.requiredString("event"))
        case "audience":
            let audience = reader.requiredString("audience")
            return .audience(audience, change: reader.choice("change", AudienceChange.self)?.rawValue ?? "any")
        case "readAudience": return .readAudience(ReadAudience(&reader))
        case "reaction": return .reaction(Reaction(&reader))
        case "condition": return .condition(Condition(&reader))
        case "wait": return .wait(Wait(&reader))
        case "action":
            return .action(
                Action(
                    action: reader.requiredString("action"), parameters: reader.parameters("parameters"),
                    onError: reader.way("onError")))
        case "email", "sms", "push": return .message(Message(&reader))
        case "updateProfile":
            return .updateProfile(
                field: reader.requiredString("field"), value: reader.requiredString("value", lengthMax: 16_384),
                onError: reader.way("onError"))
        case "jump":
            return .jump(journey: reader.requiredString("journey"), parameters: reader.parameters("parameters"))
        case "end": return .end
        default: return .unknown
        }
    }
}

extension JourneyNode.Event {
    init(_ reader: inout ObjectReader) {
        event = reader.requiredString("event")
        filter = reader.expression("filter")
        match = reader.expression("match")
        timeoutMilliseconds = reader.duration("timeout", in: 0...JourneyProperties.durationMillisecondsMax)
        onTimeout = reader.way("onTimeout")
    }
}

extension JourneyNode.Reaction {
    init(_ reader: inout ObjectReader) {
        to = reader.requiredString("to")
        reaction = reader.requiredString("reaction")
        timeoutMilliseconds = reader.duration("timeout", in: 0...JourneyProperties.durationMillisecondsMax)
        onTimeout = reader.way("onTimeout")
    }
}

extension JourneyNode.ReadAudience {
    init(_ reader: inout ObjectReader) {
        audience = reader.requiredString("audience")
        schedule = Schedule(&reader)
        rate = reader.number("rate", in: 0.001...1e6)
        incremental = reader.bool("incremental") ?? false
        forceReentrance = reader.bool("forceReentrance") ?? false
    }
}

extension JourneyNode.ReadAudience.Schedule {
    init(_ reader: inout ObjectReader) {
        self = .now
        switch reader.value("schedule") {
        case nil, .string("now")?: break
        case .object(let object)?:
            var part = ObjectReader(object, path: reader.pointer("schedule"))
            if let time = part.string("at") {
                self = .at(time)
            } else if let expression = part.string("cron") {
                self = .cron(expression)
            } else if part.problems.isEmpty {
                part.report("at", "or cron is required")
            }
            part.refuseUnknown()
            reader.report(part.problems)
        default: reader.report("schedule", "must be now, {at} or {cron}")
        }
    }
}

extension JourneyNode.Message {
    init(_ reader: inout ObjectReader) {
        template = reader.string("template")
        content = reader.object("content")
        parameters = reader.parameters("parameters")
        onError = reader.way("onError")
    }
}

extension JourneyNode.Condition {
    init(_ reader: inout ObjectReader) {
        var paths: [JourneyNode.Path] = []
        for (place, item) in (reader.array("paths", countMax: 1_000) ?? []).enumerated() {
            var part = ObjectReader(item, path: reader.pointer("paths") + "/\(place)")
            paths.append(JourneyNode.Path(&part))
            reader.report(part.problems)
        }
        self.paths = paths
        otherwise = reader.way("otherwise")
        onError = reader.way("onError")
        prefetch = reader.bool("prefetch") ?? false
        redraw = reader.bool("redraw") ?? false
    }
}

extension JourneyNode.Path {
    init(_ reader: inout ObjectReader) {
        label = reader.string("label")
        var tests: [Test] = []
        if let when = reader.expression("when") { tests.append(.when(when)) }
        if let object = reader.object("time") {
            var part = ObjectReader(object, path: reader.pointer("time"))
            let hours = part.strings("hours", countMax: 2)
            if let hours, hours.count != 2 { part.report("hours", "must be two times: from and to") }
            let days = part.strings("days", countMax: 7) ?? []
            if hours == nil, days.isEmpty, part.problems.isEmpty { part.report("hours", "or days is required") }
            part.refuseUnknown()
            reader.report(part.problems)
            tests.append(.time(from: hours?.first, to: hours?.last, days: days))
        }
        if let object = reader.object("date") {
            var part = ObjectReader(object, path: reader.pointer("date"))
            let (from, to) = (part.string("from"), part.string("to"))
            if from == nil, to == nil, part.problems.isEmpty { part.report("from", "or to is required") }
            part.refuseUnknown()
            reader.report(part.problems)
            tests.append(.date(from: from, to: to))
        }
        if let share = reader.number("share", in: 0...100) { tests.append(.share(share)) }
        if let cap = reader.integer("cap", in: 0...1_000_000_000) { tests.append(.cap(cap)) }
        way = JourneyNode.Way(next: reader.targets("next"))
        if tests.count != 1, reader.problems.isEmpty {
            reader.report("when", "or exactly one of time, date, share and cap is required")
        }
        reader.refuseUnknown()
        test = tests.count == 1 ? tests[0] : .none
    }
}

extension JourneyNode.Wait {
    init(_ reader: inout ObjectReader) {
        var waits: [JourneyNode.Wait] = []
        let before = reader.problems.count
        if let elapsed = reader.duration("for", in: 0...JourneyProperties.durationMillisecondsMax) {
            waits.append(.elapsed(milliseconds: elapsed))
        }
        if let until = reader.expression("until") { waits.append(.until(until)) }
        if let object = reader.object("at") {
            var part = ObjectReader(object, path: reader.pointer("at"))
            waits.append(
                .at(time: part.requiredString("time"), days: part.strings("days", countMax: 7) ?? []))
            part.refuseUnknown()
            reader.report(part.problems)
        }
        if waits.count != 1, reader.problems.count == before {
            reader.report("for", "or exactly one of until and at is required")
        }
        self = waits.count == 1 ? waits[0] : .none
    }
}

extension ObjectReader {
    /// An expression's text; its length is checked where it is compiled.
    mutating func expression(_ key: String) -> String? { string(key, lengthMax: 65_536) }

    /// One node's id, or a list of several.
    mutating func targets(_ key: String) -> [String] {
        guard let value = value(key) else { return [] }
        switch value {
        case .string(let id): return [id]
        case .array: return strings(key, countMax: 100) ?? []
        default:
            report(key, "expected a node's id or a list of them, found \(value.typeName)")
            return []
        }
    }

    /// `{"next": …}`.
    mutating func way(_ key: String) -> JourneyNode.Way? {
        guard let object = object(key) else { return nil }
        var part = ObjectReader(object, path: pointer(key))
        let way = JourneyNode.Way(next: part.targets("next"))
        part.refuseUnknown()
        report(part.problems)
        return way
    }

    /// An object of expressions.
    mutating func parameters(_ key: String) -> [JourneyNode.Parameter] {
        var parameters: [JourneyNode.Parameter] = []
        for (name, value) in object(key) ?? JSONObject() {
            if let text = value.stringValue {
                parameters.append(JourneyNode.Parameter(name: name, expression: text))
            } else {
                let place = ObjectReader(JSONObject(), path: pointer(key)).pointer(name)
                report([Problem(path: place, message: "expected an expression (a string), found \(value.typeName)")])
            }
        }
        return parameters
    }
}
