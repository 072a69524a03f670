import Models
import Testing

@testable import JourneyExecution

@Suite("What a trace tells")
struct TracerTests {
    private func step(
        _ number: Int64?, at: String = "2026-01-01T00:00:00.000Z", stimulus: String = "e-1"
    ) -> JSONValue {
        var object: JSONObject = ["at": .string(at), "stimulus": .string(stimulus), "partition": 1]
        if let number { object["number"] = .integer(number) }
        return .object(object)
    }

    @Test("Each step event is told once, by time and then as its partition counted")
    func order() {
        let later = step(1, at: "2026-01-01T00:00:01.000Z")
        let ordered = Tracer.ordered([later, step(3), step(2), step(3), step(nil)])
        #expect(ordered == [step(2), step(3), step(nil), later])
    }

    @Test("What has no time of its own comes last")
    func timeless() {
        let timeless: JSONValue = ["kind": "refused"]
        #expect(Tracer.ordered([timeless, step(1)]) == [step(1), timeless])
    }

    @Test("Step events of one stimulus make a record; two timers make two")
    func records() {
        let second = "2026-01-01T00:00:01.000Z"
        let steps = [
            step(1), step(2), step(3, stimulus: "timer"), step(4, at: second, stimulus: "timer"),
            step(5, stimulus: "e-1"),
        ]
        let records = eventsOfRecords(steps)
        #expect(records.map(\.count) == [2, 1, 1, 1])
    }

    @Test("What an event met is unfolded after the step event that it stands with")
    func unfolded() {
        let met: JSONValue = [
            "matched": ["placed"], "looked": [["journey": "j", "version": 2, "instance": "i", "code": "matchFalse"]],
            "ruledOut": [["group": "g", "code": "filterFalse", "count": 3]],
        ]
        func item(_ kind: String, _ met: JSONValue) -> JSONValue {
            ["at": "t", "kind": .string(kind), "namespace": "n", "profile": "p", "stimulus": "e", "event": met]
        }
        let moved = Tracer.unfolded([item("entered", met)])
        #expect(moved.map { $0["kind"] } == ["entered", "refused", "refused"])
        #expect(moved.map { $0["code"] } == [nil, "matchFalse", "filterFalse"])
        #expect(moved[1]["instance"] == "i" && moved[1]["journey"] == "j" && moved[1]["stimulus"] == "e")
        #expect(moved[2]["count"] == 3 && moved[2]["profile"] == "p")
        #expect(Tracer.unfolded([item("event", met)]).map { $0["kind"] } == ["refused", "refused"])
        let nobody = item("event", ["matched": ["placed"]])
        #expect(Tracer.unfolded([nobody]) == [nobody], "nobody listens to it, and that is told")
        #expect(Tracer.unfolded([step(1), nobody]) == [step(1)])
        #expect(Tracer.unfolded([nobody, nobody]) == [nobody, nobody], "two people, and nobody listens to either")
        let refused: JSONValue = ["at": "t", "kind": "rejected"]
        #expect(Tracer.unfolded([refused, nobody]) == [refused, nobody], "an invalid try under the same id came before")
        var again = nobody.objectValue ?? [:]
        again["code"] = "duplicate"
        #expect(Tracer.unfolded([step(1), .object(again)]) == [step(1), .object(again)])
    }

    @Test("What came after the instance was forgotten comes last in its history")
    func forgotten() {
        let steps: [JSONValue] = [["step": 0], ["step": 2], ["step": 1]]
        #expect(Tracer.inOrder(steps) == [["step": 1], ["step": 2], ["step": 0]])
    }

    private func eventsOfRecords(_ steps: [JSONValue]) -> [[JSONValue]] {
        Tracer.records(steps).map { $0["events"]?.arrayValue ?? [] }
    }
}
