import JSONRPC
import Models
import Redis

extension Tracer {
    /// The records of one instance in order: a stimulus and the step events that it caused.
    func history(of instance: String) async throws(RPCError) -> JSONValue {
        var items: [JSONValue]
        switch await steps.steps(["instance": .string(instance)]) {
        case .steps(let found): items = found
        case .unreachable(let why): throw .unavailable("The step store cannot be asked: \(why).")
        }
        do {
            items += try await live.undrained(in: Array(0..<partitions)) { $0.instance == instance }
        } catch {
            throw .unavailable(error.callerMessage, cause: error)
        }
        let ordered = Self.inOrder(Self.ordered(items))
        guard let first = ordered.first else { throw .notFound("instance \(instance) on record") }
        var answer: JSONObject = ["instance": .string(instance)]
        for key in ["journey", "version", "namespace", "profile"] { answer[key] = first[key] }
        answer["records"] = .array(Self.records(ordered))
        return .object(answer)
    }

    /// By their number in the instance; those without one came after the instance was forgotten.
    static func inOrder(_ steps: [JSONValue]) -> [JSONValue] {
        func number(_ step: JSONValue) -> Int64 {
            let number = step["step"]?.integerValue ?? 0
            return number == 0 ? .max : number
        }
        return steps.enumerated().sorted { (number($0.element), $0.offset) < (number($1.element), $1.offset) }
            .map(\.element)
    }

    /// Step events in a row that one stimulus caused make a record.
    static func records(_ steps: [JSONValue]) -> [JSONValue] {
        var records: [(stimulus: JSONValue, at: JSONValue, events: [JSONValue])] = []
        for step in steps {
            let stimulus = step["stimulus"] ?? .null, at = step["at"] ?? .null
            let event = JSONValue.object(
                (step.objectValue ?? [:]).removing(
                    "instance", "journey", "version", "namespace", "profile", "stimulus", "partition", "number"))
            // Two timers in a row are two stimuli, told apart by their time.
            if let last = records.last, last.stimulus == stimulus, stimulus != "timer" || last.at == at {
                records[records.count - 1].events.append(event)
            } else {
                records.append((stimulus, at, [event]))
            }
        }
        return records.map { ["stimulus": $0.stimulus, "at": $0.at, "events": .array($0.events)] }
    }
}
