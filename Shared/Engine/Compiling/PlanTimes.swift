import Expressions
import Models

/// What is checked of a journey's times once all of it is compiled: what takes longer than the journey lasts, what
/// never wins beside another, and at publication what is past or never comes.
extension PlanCompiler {
    mutating func checkTimes() {
        checkGlobalTimeout()
        for node in document.nodes {
            for way in node.ways where way.targets.count > 1 { checkBranches(of: node, way) }
        }
        guard let now else { return }
        checkWindow(now)
        checkSchedule(now)
        checkDays()
    }

    // MARK: The global time-out

    /// A wait or time-out that the journey's global time-out ends for everybody, by the shortest time in which the node
    /// is reached. Of several on a way the first is named, as nobody comes to the others.
    private mutating func checkGlobalTimeout() {
        let limit = document.properties.globalTimeoutMilliseconds
        let arrivals = shortestArrivals(before: limit)
        for (place, node) in document.nodes.enumerated() {
            guard let arrival = arrivals[place] else { continue }
            let own: (milliseconds: Int64, what: String, field: String)
            switch node.body {
            case .wait(.elapsed(let milliseconds)): own = (milliseconds, "wait", "/for")
            case .event(let step) where place != 0: own = (step.timeoutMilliseconds ?? 0, "timeout", "/timeout")
            case .reaction(let step): own = (step.timeoutMilliseconds ?? 0, "timeout", "/timeout")
            default: continue
            }
            guard own.milliseconds > 0, own.milliseconds >= limit - arrival else { continue }
            let before = arrival > 0 ? " after at least \(ISODuration.text(arrival)) on the way here" : ""
            report(
                .exceedsGlobalTimeout, .warning, node: place, field: own.field,
                "The \(own.what) takes \(ISODuration.text(own.milliseconds))\(before), and the journey's globalTimeout "
                    + "of \(ISODuration.text(limit)) ends it first.",
                "Make the \(own.what) shorter, or globalTimeout longer.")
        }
    }

    /// The shortest time from the entry to each node, by waits and time-outs alone; nil where no way leads within the
    /// limit. Dijkstra's search: the time is that of sorting the nodes.
    private func shortestArrivals(before limit: Int64) -> [Int64?] {
        var arrivals = [Int64?](repeating: nil, count: document.nodes.count)
        var waiting = NodeHeap()
        if !document.nodes.isEmpty { waiting.insert(0, at: 0) }
        while let (node, time) = waiting.removeFirst() {
            guard arrivals[node] == nil else { continue }
            arrivals[node] = time
            for way in document.nodes[node].ways {
                let next = time + min(limit, document.nodes[node].elapsed(on: way))
                guard next < limit else { continue }
                for target in way.targets.compactMap({ indexes[$0] }) where arrivals[target] == nil {
                    waiting.insert(target, at: next)
                }
            }
        }
        return arrivals
    }

    // MARK: Branches

    /// Of several waits the shortest wins, of equal ones the first. Beside a wait of no time nothing else wins, unless
    /// an event may have been kept while the node before looked up or acted.
    private mutating func checkBranches(of node: JourneyNode, _ way: JourneyNode.WayOut) {
        let places = way.targets.compactMap { indexes[$0] }
        var shortest: (place: Int, milliseconds: Int64)?
        for place in places {
            guard case .wait(.elapsed(let milliseconds)) = document.nodes[place].body else { continue }
            if milliseconds < shortest?.milliseconds ?? .max { shortest = (place, milliseconds) }
        }
        guard let shortest else { return }
        let winner = quoted(document.nodes[shortest.place].id)
        for place in places where place != shortest.place {
            switch document.nodes[place].body {
            case .wait(.elapsed):
                report(
                    .neverHolds, .warning, node: place,
                    "Beside it \(winner) is over first, so this branch never wins.",
                    "Remove one of the two waits, or make this one the shorter.")
            case .event, .audience, .reaction, .wait:
                guard shortest.milliseconds == 0, node.mayBeBranch else { continue }
                report(
                    .neverHolds, .warning, node: place,
                    "Beside it \(winner) waits for no time, so this branch never wins.",
                    "Give \(winner) some time, or remove one of the two.")
            default: continue
            }
        }
    }

    // MARK: At publication

    private mutating func checkWindow(_ now: Int64) {
        guard let end = parts.endAt, end <= now else { return }
        report(
            .past, field: "/properties/endAt",
            "The journey ends at \(Timestamp.text(end)), which is past, so nobody would enter.",
            "Choose a later endAt, or remove it.")
    }

    /// A time that is past would come at once, for everyone: it is never taken as one that was missed.
    private mutating func checkSchedule(_ now: Int64) {
        guard case .readAudience(let entry) = parts.entry else { return }
        let place = document.nodes.firstIndex { if case .readAudience = $0.body { true } else { false } } ?? 0
        switch entry.schedule {
        case .now, .event: return
        case .at(let time):
            if time <= now {
                return report(
                    .past, node: place, field: "/schedule/at",
                    "The audience would be read at \(Timestamp.text(time)), which is past.",
                    "Choose a later time, or leave the schedule out to read it at publication.")
            }
            guard time < parts.startAt ?? .min || time >= parts.endAt ?? .max else { return }
            report(
                .neverComes, node: place, field: "/schedule/at",
                "At \(Timestamp.text(time)), when the audience is read, the journey has not started or is over.",
                "Choose a time between startAt and endAt.")
        case .cron(let cron):
            let first = cron.next(after: max(now, parts.startAt.map { $0 - 1 } ?? now), in: entry.zone)
            if let first, first < parts.endAt ?? .max { return }
            let reason = first == nil ? "There is no such day" : "It would be due first when the journey is over"
            report(
                .neverComes, node: place, field: "/schedule/cron",
                "\(reason), so the audience would never be read.",
                first == nil ? "Choose a day that comes." : "Choose an earlier moment, or a later endAt.")
        }
    }

    /// An empty list of days was taken as all of them: so it stays for who is live, and nobody publishes another.
    private mutating func checkDays() {
        let nodes = document.document["nodes"]?.arrayValue ?? []
        for (place, node) in nodes.enumerated() where nodeFindings.indices.contains(place) {
            if node["at"]?["days"]?.arrayValue?.isEmpty == true { reportNoDays(place, "/at/days") }
            for (number, path) in (node["paths"]?.arrayValue ?? []).enumerated()
            where path["time"]?["days"]?.arrayValue?.isEmpty == true && path["time"]?["hours"] != nil {
                reportNoDays(place, "/paths/\(number)/time/days")
            }
        }
    }

    private mutating func reportNoDays(_ place: Int, _ field: String) {
        report(
            .invalidDay, node: place, field: field, "The list of days is empty.",
            "Name a day, or leave the list out for all days.")
    }
}

extension JourneyNode {
    /// How long the node is waited at on a way out of it, at least.
    fileprivate func elapsed(on way: WayOut) -> Int64 {
        switch body {
        case .wait(.elapsed(let milliseconds)): milliseconds
        case .event(let step) where way.field == "/onTimeout/next": step.timeoutMilliseconds ?? 0
        case .reaction(let step) where way.field == "/onTimeout/next": step.timeoutMilliseconds ?? 0
        default: 0
        }
    }
}

/// Nodes by the time at which they are reached, the earliest first: a binary heap.
private struct NodeHeap {
    private var items: [(node: Int, time: Int64)] = []

    mutating func insert(_ node: Int, at time: Int64) {
        items.append((node, time))
        var place = items.count - 1
        while place > 0, items[place].time < items[(place - 1) / 2].time {
            items.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    mutating func removeFirst() -> (node: Int, time: Int64)? {
        guard let first = items.first else { return nil }
        items[0] = items[items.count - 1]
        items.removeLast()
        var place = 0
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2] where child < items.count {
                if items[child].time < items[least].time { least = child }
            }
            if least == place { return first }
            items.swapAt(place, least)
            place = least
        }
    }
}
