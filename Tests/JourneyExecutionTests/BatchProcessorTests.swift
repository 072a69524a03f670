import Engine
import Models
import Testing

@testable import JourneyExecution
@testable import Queues

@Suite("A batch of one partition")
struct BatchProcessorTests {
    /// A waits for `clicked`, five seconds at most.
    private static let waiting = """
        {"id": "in", "type": "event", "event": "placed", "next": "b"},
        {"id": "b", "type": "event", "event": "clicked", "timeout": "PT5S", "onTimeout": {"next": "late"}, "next": "c"},
        {"id": "c", "type": "wait", "for": "P1D"}, {"id": "late", "type": "wait", "for": "P1D"}
        """
    private static let person = Person(namespace: "crmId", id: "a")

    private func object(_ text: String) throws -> JSONObject {
        try #require(try JSONValue.parse(text).objectValue)
    }

    private func engine(_ nodes: String, state: JourneySet.State = .live) throws -> Engine {
        let schema = try SchemaDefinition(
            object(
                #"{"name": "s", "kind": "event", "schema": {"type": "object", "properties": {"_id": {"type": "string"}}}}"#
            ))
        let events = try ["placed", "clicked"].map { name in
            try EventDefinition(
                object(
                    #"{"name": "\#(name)", "schema": "s", "type": "rule", "rule": "true", "namespace": "crmId", "key": "'1'"}"#
                ))
        }
        let action = try ActionDefinition(object(#"{"name": "ping", "url": "https://p.example/", "method": "POST"}"#))
        let catalogue = Catalogue(schemas: [schema], events: events, dataSources: [], actions: [action])
        let document = JourneyDocument(
            try object(#"{"name": "welcome", "properties": {"reentrance": {"after": "PT0S"}}, "nodes": [\#(nodes)]}"#))
        let compilation = Plan.compile(document, version: 1, catalogue: catalogue)
        let plan = try #require(compilation.plan, "\(compilation.findings.map(\.json.text))")
        return Engine(
            journeys: JourneySet([.init(plan: plan, state: state)]), deployment: HashKey(first: 1, second: 2),
            partition: 0)
    }

    private func partition(_ fields: [String: String] = [:]) throws -> OwnedPartition {
        let state = ["fence": "3", "commit": "7", "step": "40", "time": "0"].merging(fields) { $1 }
        return OwnedPartition(try HeldLease(partition: 0, state: state), keys: QueueKeys(), partitions: 1)
    }

    private func processor(
        _ engine: Engine, _ partition: OwnedPartition, now: Int64, timers: [DueTimer] = [],
        travelers: [String: Traveler] = [:], horizon: Int64? = nil
    ) -> BatchProcessor {
        BatchProcessor(
            engine: engine, keptEvents: [], partition: partition, now: now, time: now, timers: timers,
            horizon: horizon ?? now, travelers: travelers, profiles: [:])
    }

    private func event(_ name: String, of person: Person = person, at time: Int64) -> Stimulus {
        Stimulus(
            at: time, id: "\(name)-\(time)",
            body: .event(PersonEvent(id: "\(name)-\(time)", person: person, events: [name], payload: [:])))
    }

    private func told(_ processor: BatchProcessor) throws -> [String] {
        let bytes = try #require(processor.batch.steps.first)
        return try StepBatch(bytes: bytes).records.flatMap(\.events).filter { $0.kind != .event }.map { step in
            "\(step.node ?? step.kind.rawValue)\(step.status == "timedOut" ? " late" : "") \(step.at)"
        }
    }

    @Test(
        "A timer that a batch sets fires in it before an event accepted on the same millisecond, and not before an earlier one"
    )
    func ties() throws {
        let engine = try engine(Self.waiting)
        for (clicked, expected) in [(Int64(5_999), "b 5999"), (6_000, "b late 6000"), (6_001, "b late 6000")] {
            var batch = processor(engine, try partition(), now: 9_000)
            _ = batch.take(event("placed", at: 1_000))
            _ = batch.take(event("clicked", at: clicked))
            batch.fireTimers(upTo: 9_000)
            batch.seal()
            #expect(try told(batch) == ["entered 1000", "in 1000", expected])
        }
    }

    @Test("While later elements are not read, a timer that is due among them waits")
    func horizon() throws {
        let engine = try engine(Self.waiting)
        var batch = processor(engine, try partition(), now: 90_000, horizon: 1_000)
        _ = batch.take(event("placed", at: 1_000))
        batch.fireTimers(upTo: 1_000)
        batch.seal()
        #expect(try told(batch) == ["entered 1000", "in 1000"])
        #expect(batch.earliestTimer == 6_000)
    }

    @Test("Step events of a partition are numbered on from commit to commit")
    func numbers() throws {
        let engine = try engine(Self.waiting)
        var batch = processor(engine, try partition(), now: 1_000)
        _ = batch.take(event("placed", at: 1_000))
        batch.seal()
        let steps = try StepBatch(bytes: try #require(batch.batch.steps.first))
        #expect(steps.fence == 3 && steps.commit == 8 && steps.firstNumber == 41)
        #expect(batch.stepCount == 2 && batch.batch.lastStep == 42)
    }

    @Test("Those whom a filter is not for are counted in the commit, by journey and minute; each event has its record")
    func filtered() throws {
        let engine = try engine(
            #"{"id": "in", "type": "event", "event": "placed", "filter": "@event{placed._id} == 'x'", "next": "w"}, {"id": "w", "type": "wait", "for": "P1D"}"#
        )
        func batch(_ partition: OwnedPartition) throws -> BatchProcessor {
            var batch = processor(engine, partition, now: 200_000)
            for time in [1_000, 2_000, 61_000] as [Int64] { _ = batch.take(event("placed", at: time)) }
            batch.seal()
            return batch
        }
        var partition = try partition()
        let first = try batch(partition)
        let steps = try StepBatch(bytes: try #require(first.batch.steps.first))
        #expect(steps.records.map(\.stimulus) == ["placed-1000", "placed-2000", "placed-61000"])
        #expect(steps.records.allSatisfy { $0.person == Self.person && $0.journey.isEmpty && $0.instance == nil })
        #expect(steps.records.flatMap(\.events).map(\.kind) == [.event, .event, .event] && first.stepCount == 3)
        let group = try #require(steps.refusals.groups.first)
        #expect(
            steps.records.first?.seen
                == SeenEvent(events: ["placed"], ruledOut: [.init(group: group.id, count: 1, except: [])]))
        #expect(steps.refusals.ruledOut.map(\.at) == [0, 60_000])
        #expect(steps.refusals.ruledOut.map(\.count) == [2, 1])
        #expect(steps.refusals.groups.map(\.members) == [[.init(journey: "welcome", version: 1)]])
        #expect(try batch(partition).batch.steps == first.batch.steps, "computed twice it is the same")
        partition.noteTold(first.toldGroups)
        let second = try StepBatch(bytes: try #require(try batch(partition).batch.steps.first))
        #expect(second.refusals.groups == [] && second.refusals.ruledOut == steps.refusals.ruledOut)
        partition.commit = OwnedPartition.groupsToldEvery
        partition.noteTold([])
        #expect(partition.toldGroups.isEmpty, "told anew now and then")
    }

    @Test("What an event met stands with the first step events that it caused, and makes no record of its own there")
    func seen() throws {
        let engine = try engine(Self.waiting)
        var batch = processor(engine, try partition(), now: 9_000)
        _ = batch.take(event("placed", at: 1_000))
        _ = batch.take(event("placed", at: 2_000))
        _ = batch.take(event("clicked", of: Person(namespace: "crmId", id: "b"), at: 3_000))
        batch.seal()
        let records = try StepBatch(bytes: try #require(batch.batch.steps.first)).records
        #expect(records.map { $0.events.map(\.kind) } == [[.entered, .node], [.refused], [.event]])
        #expect(records.map { $0.seen?.events } == [["placed"], ["placed"], ["clicked"]])
        #expect(records.allSatisfy { $0.seen?.looked == [] })
        #expect(records.map(\.stimulus) == ["placed-1000", "placed-2000", "clicked-3000"])
        #expect(batch.batch.lastStep == 44)
    }

    @Test("A business event, which concerns nobody, is on record too")
    func business() throws {
        var batch = processor(try engine(Self.waiting), try partition(), now: 9_000)
        let event = BusinessEvent(id: "b-1", events: ["priceDropped"], payload: [:])
        _ = batch.take(Stimulus(at: 1_000, id: "b-1", body: .business(event)))
        batch.seal()
        let records = try StepBatch(bytes: try #require(batch.batch.steps.first)).records
        #expect(records.map(\.stimulus) == ["b-1"] && records.first?.person.id == "")
        #expect(records.first?.seen == SeenEvent(events: ["priceDropped"]))
    }

    @Test("The newest configuration that was read stays with the partition, whoever owns it next")
    func revision() throws {
        let engine = try engine(Self.waiting)
        var batch = processor(engine, try partition(["revision": "5"]), now: 1_000)
        _ = batch.take(Stimulus(at: 1, id: "c", body: .configuration(revision: 4)))
        #expect(batch.revision == 5 && batch.batch.stateFields.isEmpty)
        _ = batch.take(Stimulus(at: 2, id: "c", body: .configuration(revision: 9)))
        #expect(batch.revision == 9)
        #expect(batch.batch.stateFields.map(\.0) == ["revision"])
    }

    @Test("What many timers make goes into several batches; the next element waits for them")
    func full() throws {
        let loop =
            #"{"id": "in", "type": "event", "event": "placed", "next": "b"}, {"id": "b", "type": "wait", "for": "PT1S", "next": "n"}, {"id": "n", "type": "condition", "paths": [{"label": "on", "when": "true", "next": "b"}]}"#
        let engine = try engine(loop)
        var partition = try partition()
        var batch = processor(engine, partition, now: 86_400_000)
        // Each of them waits a hundred times.
        for number in 0..<100 {
            _ = batch.take(event("placed", of: Person(namespace: "crmId", id: "\(number)"), at: 1_000))
        }
        let isTaken = batch.take(event("clicked", at: 80_000_000))
        #expect(!isTaken)
        #expect(batch.isFull)
        #expect(batch.earliestTimer.map { $0 < 80_000_000 } == true)
        batch.seal()
        partition.commit += 1
        var next = processor(
            engine, partition, now: 86_400_000,
            timers: batch.batch.timers.order.compactMap { member in
                (batch.batch.timers.scores[ExactText(member)] ?? nil).map { DueTimer(member: member, due: $0) }
            }, travelers: batch.travelers)
        next.fireTimers(upTo: 86_400_000)
        #expect(next.stepCount > 0)
    }

    @Test("An instance whose timer traps ends as error, said in a step event; an event that traps ends nobody")
    func trapped() throws {
        let engine = try engine(Self.waiting)
        let key = Self.person.key
        var first = processor(engine, try partition(), now: 1_000)
        _ = first.take(event("placed", at: 1_000))
        first.seal()
        let instance = try #require(first.travelers[key]?.instanceIDs.first)

        var event = processor(engine, try partition(), now: 2_000, travelers: first.travelers)
        event.trap(self.event("clicked", at: 2_000))
        event.seal()
        #expect(event.travelers[key]?.instanceIDs == [instance])
        #expect(event.batch.refusals.count == 1)
        let refused = try StepBatch(bytes: try #require(event.batch.steps.first)).records.flatMap(\.events)
        #expect(refused.map(\.code) == ["trapped"])

        var timer = processor(engine, try partition(), now: 6_000, travelers: first.travelers)
        timer.trap(InstancePlace(personKey: key, instance: instance), cause: "timer", at: 6_000)
        timer.seal()
        let said = try StepBatch(bytes: try #require(timer.batch.steps.first)).records
        let left = try #require(said.first)
        #expect(left.instance == instance)
        #expect(
            left.events.map { "\($0.step) \($0.kind) \($0.status ?? "") \($0.code ?? "")" } == ["3 left error trapped"])
        #expect(timer.batch.timers.scores["\(key) \(instance)"] == .some(nil))
        #expect(timer.batch.inside[.init(journey: "welcome", version: 1)]?.scores["\(key) \(instance)"] == .some(nil))
    }

    @Test("A request that the guard gives up is cancelled in the same commit")
    func cancelled() throws {
        let nodes =
            #"{"id": "in", "type": "event", "event": "placed", "next": "a"}, {"id": "a", "type": "action", "action": "ping"}"#
        let engine = try engine(nodes)
        var first = processor(engine, try partition(), now: 1_000)
        _ = first.take(event("placed", at: 1_000))
        first.seal()
        let pushed = try #require(first.batch.requests[.actions]?.first)
        guard case .action(let request) = try Request(bytes: pushed) else { throw MalformedElement("no action") }
        let member = try #require(first.batch.timers.order.first)
        let due = try #require(first.batch.timers.scores[ExactText(member)] ?? nil)
        var later = processor(
            engine, try partition(), now: due, timers: [DueTimer(member: member, due: due)], travelers: first.travelers)
        later.fireTimers(upTo: due)
        later.seal()
        #expect(later.batch.cancelled == [.actions: [request.id]])
    }

    @Test("A walk comes past an instance that nobody can read")
    func walk() throws {
        let engine = try engine(Self.waiting, state: .stopped)
        let walk = StopWalk(journey: "welcome", version: 1)
        let key = Self.person.key
        let traveler = Traveler(person: Self.person, fields: [("i:00ff", Array("nothing".utf8))])
        var batch = processor(engine, try partition(), now: 1_000, travelers: [key: traveler])
        batch.end(InstancePlace(personKey: key, instance: "00ff"), outOf: walk, cause: "stop", at: 1_000)
        batch.seal()
        let changes = try #require(batch.batch.inside[.init(journey: "welcome", version: 1)])
        #expect(changes.order == ["\(key) 00ff"])
        #expect(batch.batch.travelers.isEmpty)
    }
}
