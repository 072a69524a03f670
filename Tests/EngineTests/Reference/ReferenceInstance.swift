import Expressions
import Models

/// Something that occurred and may be taken by who listens.
enum ReferenceOffer {
    case event(names: [String], payload: JSONValue)
    case audience(String, change: String)
    case reaction(request: String, kind: String)
}

/// What came of a look-up, or of a place asked for.
enum ReferenceAnswer {
    case data(JSONValue)
    case failed(String)
}

/// One version of a journey as the reference model sees it: the document itself.
final class ReferenceVersion {
    enum State: Equatable {
        case live, closed, stopped, hold, discard
    }

    let document: JourneyDocument
    let number: Int64
    var state = State.live
    private var loops: [String: Bool] = [:]

    init(_ document: JourneyDocument, number: Int64) {
        self.document = document
        self.number = number
    }

    var journey: String { document.name }
    func node(_ id: String) -> JourneyNode? { document.nodes.first { $0.id == id } }
    var entry: JourneyNode { document.nodes[0] }

    /// The event by which people enter, where they do.
    var entryEvent: String? {
        if case .event(let step) = entry.body { step.event } else { nil }
    }

    /// The audience that a run reads, where it is that kind of journey.
    var read: JourneyNode.ReadAudience? {
        for node in document.nodes.prefix(2) { if case .readAudience(let step) = node.body { return step } }
        return nil
    }

    /// Whether some way leads from the node back to it.
    func mayComeBack(to id: String) -> Bool {
        if let known = loops[id] { return known }
        var seen: Set<String> = [], waiting = [id]
        while let next = waiting.popLast() {
            for target in node(next)?.everyTarget ?? [] where seen.insert(target).inserted { waiting.append(target) }
        }
        loops[id] = seen.contains(id)
        return seen.contains(id)
    }

    /// The nodes that somebody may come to from here with what is kept, this one among them: where it listens something
    /// kept is taken by `next` or all is forgotten, and at a wait all is.
    func carried(from id: String) -> Set<String> {
        var seen: Set = [id], waiting = [id]
        while let next = waiting.popLast() {
            for target in node(next)?.carrying ?? [] where seen.insert(target).inserted { waiting.append(target) }
        }
        return seen
    }

    /// Whether some way leads from one node to another, or they are the same.
    func leads(from id: String, to other: String) -> Bool {
        var seen: Set = [id], waiting = [id]
        while let next = waiting.popLast() {
            if next == other { return true }
            for target in node(next)?.everyTarget ?? [] where seen.insert(target).inserted { waiting.append(target) }
        }
        return false
    }

    /// What is kept of it: of an event of several definitions those that the version listens to.
    func held(_ offer: ReferenceOffer) -> ReferenceOffer {
        guard case .event(let names, let payload) = offer else { return offer }
        return .event(names: names.filter { listens(to: .event(names: [$0], payload: payload)) }, payload: payload)
    }

    /// What its nodes read of events before them, by event: nothing else is kept, so that a version to which somebody
    /// is moved finds no more.
    private lazy var earlierRead: [String: Set<[String]>] = {
        var read: [String: Set<[String]>] = [:]
        for node in document.nodes {
            guard case .event(let step) = node.body else {
                for reference in references(of: node.id) { read[reference.event, default: []].insert(reference.path) }
                continue
            }
            for reference in references(of: node.id) where reference.event != step.event {
                read[reference.event, default: []].insert(reference.path)
            }
        }
        return read
    }()

    private func references(of id: String) -> [(event: String, path: [String])] {
        let nodes = document.document["nodes"]?.arrayValue ?? []
        let text = nodes.first { $0["id"] == .string(id) }?.text ?? ""
        return text.matches(of: /@event\{(\w+)\.([\w.]+)\}/).map { match in
            (String(match.output.1), match.output.2.split(separator: ".").map(String.init))
        }
    }

    /// The events as the version keeps them; the random journeys read members of objects alone.
    func kept(_ events: [String: JSONValue]) -> [String: JSONValue] {
        var kept: [String: JSONValue] = [:]
        for (event, payload) in events {
            for path in earlierRead[event] ?? [] {
                guard path.count == 2, let value = payload.value(at: path) else { continue }
                var whole = kept[event]?.objectValue ?? JSONObject()
                var part = whole[path[0]]?.objectValue ?? JSONObject()
                part[path[1]] = value
                whole[path[0]] = .object(part)
                kept[event] = .object(whole)
            }
        }
        return kept
    }

    func listens(to offer: ReferenceOffer) -> Bool {
        for exit in document.properties.exit where exit.isMet(by: offer) { return true }
        for node in document.nodes {
            switch (node.body, offer) {
            case (.event(let step), .event(let names, _)) where names.contains(step.event): return true
            case (.audience(let audience, let change), .audience(let other, let moved))
            where audience == other && (change == "any" || change == moved): return true
            default: continue
            }
        }
        if case .reaction = offer { return true }
        return false
    }
}

extension JourneyNode {
    var carrying: [String] {
        switch body {
        case .event, .reaction, .wait(.until): way.next
        case .wait(.elapsed(let milliseconds)): milliseconds > 0 ? [] : way.next
        case .wait(.at): []
        default: everyTarget
        }
    }

    var everyTarget: [String] {
        var ways = [way]
        switch body {
        case .event(let step): if let onTimeout = step.onTimeout { ways.append(onTimeout) }
        case .reaction(let step): if let onTimeout = step.onTimeout { ways.append(onTimeout) }
        case .condition(let step):
            ways += step.paths.map(\.way)
            ways += [step.otherwise, step.onError].compactMap(\.self)
        case .action(let step): if let onError = step.onError { ways.append(onError) }
        case .message(let step): if let onError = step.onError { ways.append(onError) }
        default: break
        }
        return ways.flatMap(\.next)
    }
}

extension JourneyProperties.Exit {
    func isMet(by offer: ReferenceOffer) -> Bool {
        switch (self, offer) {
        case (.event(let event), .event(let names, _)): names.contains(event)
        case (.audience(let audience, let change), .audience(let other, let moved)):
            audience == other && (change == "any" || change == moved)
        default: false
        }
    }
}

/// One person in one version, as *One instance* has it.
final class ReferenceInstance {
    enum Phase {
        case listening, lookingUp, acting, held, ended
    }

    let id: String
    var version: ReferenceVersion
    let entered: Int64
    let key: String
    var phase = Phase.listening
    /// What it listens to, in order; of the other phases the one node where it is.
    var nodes: [String]
    /// When the earliest wait or time-out is over, or the request is given up.
    var due: Int64?
    var dueNode = ""
    var visits: [String: Int64] = [:]
    /// Nodes whose first visit, before a move, was perhaps none: it is not held against them.
    var spared: Set<String> = []
    var rounds = 0
    /// The path of a condition whose turn it is.
    var path = 0
    var pending: String?
    var asked: [String] = []
    var answers: [String: ReferenceAnswer] = [:]
    var events: [String: JSONValue] = [:]
    var actions: [String: JSONValue] = [:]
    var kept: [(id: String, at: Int64, offer: ReferenceOffer)] = []
    var chain = 0
    var hasReachedGoal = false
    var steps: Int64 = 0

    init(id: String, version: ReferenceVersion, entered: Int64, key: String) {
        self.id = id
        self.version = version
        self.entered = entered
        self.key = key
        nodes = [version.entry.id]
    }

    var isInside: Bool { phase != .ended }
    var node: String { nodes[0] }

    func request(of node: String) -> String { "\(id):\(node):\(visits[node] ?? 1)" }
}

/// What is compared: everything that a step event says but sentences and durations.
struct ReferenceStep: Equatable, CustomStringConvertible {
    let instance: String
    let number: Int64
    let at: Int64
    let kind: String
    var node: String?
    var status: String?
    var path: String?
    var code: String?

    var description: String {
        "\(instance.prefix(6))#\(number)@\(at - Story.start) \(kind) \(node ?? "") \(status ?? "") >\(path ?? "") \(code ?? "")"
    }
}

/// A request, without what the model has no opinion on.
struct ReferenceRequest: Equatable, CustomStringConvertible {
    let id: String
    let kind: String
    /// Keys of look-ups and places; parameters of actions and messages.
    let content: JSONValue

    var description: String { "\(kind) \(id) \(content.text)" }
}
