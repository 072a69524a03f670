import Definitions
import Engine
import Expressions
import JSONRPC
import Models

/// Runs an instance again from the step store and tells whether it comes to the same.
struct InstanceReplayer: Sendable {
    let steps: StepReader
    let book: JourneyBook

    /// `{instance, records, same}`, and where it is not the same, the first `difference`.
    func replay(_ instance: String) async throws(RPCError) -> JSONValue {
        let records = try await records(of: instance)
        guard let first = records.first else { throw .notFound("instance \(instance) in the step store") }
        let plans = try await plans(of: first.journey, versions: Set(records.map(\.version)))
        let found: [StepRecord]
        do { found = try InstanceReplay.run(records: records, plans: plans, limits: book.plans.limits) } catch {
            throw .notValidInThisState("The instance cannot be run again: \(error.message).")
        }
        var answer: JSONObject = ["instance": .string(instance), "records": JSONValue(records.count)]
        let difference = InstanceReplay.difference(records, found)
        answer["same"] = .bool(difference == nil)
        if let difference {
            answer["difference"] = [
                "record": JSONValue(difference.record), "stimulus": .string(difference.expected.stimulus),
                "expected": Self.events(difference.expected), "found": difference.found.map(Self.events) ?? .null,
            ]
        }
        return .object(answer)
    }

    private static func events(_ record: StepRecord) -> JSONValue {
        .array(
            record.events.map { event in
                var bytes: [UInt8] = []
                event.write(to: &bytes)
                return (try? JSONValue.parse(bytes)) ?? .null
            })
    }

    private func plans(of journey: String, versions: Set<Int64>) async throws(RPCError) -> [Plan] {
        let record = try await book.record(journey)
        let catalogue: Catalogue
        do { catalogue = try await book.plans.catalogue() } catch { throw RPCError(error) }
        var plans: [Plan] = []
        for number in versions.sorted() {
            guard let version = record.version(number), let plan = version.plan(catalogue) else {
                throw .notFound("version \(number) of the journey \(journey)")
            }
            plans.append(plan)
        }
        return plans
    }

    /// The instance's records: the input of one stands with its first step event.
    private func records(of instance: String) async throws(RPCError) -> [StepRecord] {
        let items: [JSONValue]
        switch await steps.steps(["instance": .string(instance)], inputs: true) {
        case .steps(let found): items = found
        case .unreachable(let why): throw .unavailable("The step store cannot be asked: \(why).")
        }
        var records: [StepRecord] = []
        for item in Tracer.inOrder(items) {
            // What came after the instance was forgotten is no part of it.
            if item["step"] == 0 { continue }
            guard let event = Self.event(item) else {
                throw .unavailable("The step store gave a step event that cannot be read.")
            }
            let stimulus = item["stimulus"]?.stringValue ?? ""
            if item["input"] == nil, let last = records.last, last.stimulus == stimulus {
                records[records.count - 1].events.append(event)
                continue
            }
            records.append(
                StepRecord(
                    person: Person(
                        namespace: item["namespace"]?.stringValue ?? "", id: item["profile"]?.stringValue ?? ""),
                    journey: item["journey"]?.stringValue ?? "", version: item["version"]?.integerValue ?? 0,
                    instance: instance, stimulus: stimulus, events: [event], input: item["input"]))
        }
        return records
    }

    /// The step event as the engine made it: its time is milliseconds there and text in the store's answer.
    private static func event(_ item: JSONValue) -> StepEvent? {
        guard var object = item.objectValue,
            let at = object["at"]?.stringValue.flatMap(ISO8601.parseDateTime)
        else { return nil }
        object["at"] = .integer(at.instant)
        return try? StepEvent(.object(object))
    }
}
