import Expressions
import Models

/// A jump that waits for the instance that made it to be settled.
struct PendingJump {
    let journey: String
    let entrance: Entrance
}

/// Jumps into other journeys.
extension Turn {
    mutating func jump(_ instance: inout Instance, _ node: Int, _ step: JumpStep) -> Next {
        var payload = JSONValue.object(JSONObject())
        var requests: [LookupRequest] = []
        for field in step.fields {
            switch evaluate(field.value, instance, node) {
            case .value(let value): payload = payload.setting(value.json, at: field.path[...]) ?? payload
            case .lookups(let needed): requests.add(needed)
            case .failed(let code, let detail):
                let name = field.path.joined(separator: ".")
                return fail(&instance, node, code: code, detail: "\(name): \(detail)", onError: nil)
            }
        }
        if !requests.isEmpty { return ask(&instance, node, requests, onError: nil) }
        if let problem = target(step.journey, instance, node) {
            return fail(&instance, node, code: problem, detail: step.journey, onError: nil)
        }
        if let target = engine.journeys.newestPlan(of: step.journey) {
            let id = instance.requestID(of: node, round: nil)
            jumps.append(
                PendingJump(
                    journey: step.journey,
                    entrance: Entrance(
                        id: id, event: (target.entryEvent, payload), chain: instance.chain + 1,
                        changes: instance.changes)))
        } else if let broken = engine.journeys.brokenEntry(of: step.journey) {
            refuse(broken, broken.refusal)
        }
        pass(&instance, node, path: "next", detail: step.journey)
        return .go(instance.plan.nodes[node].next)
    }

    /// Why nobody can jump there: `journeyUnknown` or `journeyNotLive`; nil where people can.
    private mutating func target(_ journey: String, _ instance: borrowing Instance, _ node: Int) -> String? {
        let id = instance.plan.nodes[node].id
        let known = surroundings.map { $0.obstacles[id]?.stringValue ?? "" }
        let problem = known ?? engine.journeys.jumpProblem(journey)
        if problem.isEmpty { return nil }
        note(obstacle: problem, at: id, of: instance)
        return problem
    }

    /// Enters what was jumped to, and what is jumped to from there.
    mutating func enterJumps() {
        while !jumps.isEmpty {
            let jump = jumps.removeFirst()
            guard surroundings == nil, let member = engine.journeys.newestMember(of: jump.journey) else { continue }
            jumpsMade += 1
            let isLoop =
                jump.entrance.chain > engine.limits.jumpsMax || jumpsMade > engine.limits.jumpsPerStimulusMax
            if isLoop { refuse(member.plan, .jumpLoop) } else { enter(member, jump.entrance) }
            sayRefusals(of: jump.entrance.id, [member.plan.entryEvent])
        }
    }
}

extension JourneySet {
    /// `journeyUnknown` or `journeyNotLive`; empty where people can jump to the journey.
    func jumpProblem(_ journey: String) -> String {
        if let broken = brokenEntry(of: journey) { return broken.refusal == .notLive ? "journeyNotLive" : "" }
        guard let member = newestMember(of: journey), !member.plan.entryEvent.isEmpty else { return "journeyUnknown" }
        switch member.state {
        case .live, .paused: return ""
        case .closed, .stopped, .finished: return "journeyNotLive"
        }
    }
}

extension [LookupRequest] {
    /// Adds those that are not there yet.
    mutating func add(_ others: [LookupRequest]) {
        for request in others where !contains(where: { $0.key == request.key }) { append(request) }
    }
}

extension JSONValue {
    /// The value with another at a path of member names, making objects on the way; nil where something on the way is
    /// there and no object.
    func setting(_ value: JSONValue, at path: ArraySlice<String>) -> JSONValue? {
        guard let name = path.first else { return value }
        var object: JSONObject
        switch self {
        case .object(let known): object = known
        case .null: object = JSONObject()
        default: return nil
        }
        guard let member = (object[name] ?? .null).setting(value, at: path.dropFirst()) else { return nil }
        object[name] = member
        return .object(object)
    }
}
