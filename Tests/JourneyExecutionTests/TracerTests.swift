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

    private func eventsOfRecords(_ steps: [JSONValue]) -> [[JSONValue]] {
        Tracer.records(steps).map { $0["events"]?.arrayValue ?? [] }
    }
}
