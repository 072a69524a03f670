import Models

/// The parser and the encoder over the event of the standard journey.
enum JSONBenchmark {
    struct Problem: Error { let description: String }

    static func run() throws -> Report {
        let bytes = StandardJourney.eventBody(person: 4_711, run: "bench")
        let value = try JSONValue.parse(bytes)
        var report = Report("json: event of \(bytes.count) B")
        var kept = 0
        let parse = ThreadTime.microseconds(calls: 50_000) {
            if let value = try? JSONValue.parse(bytes), case .object = value { kept += 1 }
        }
        report.add("parse to a JSONValue, µs", Figure.fraction(parse, 2), target: "≤ 2.6")
        var output: [UInt8] = []
        let write = ThreadTime.microseconds(calls: 50_000) {
            output.removeAll(keepingCapacity: true)
            value.write(to: &output)
            kept += output.count
        }
        report.add("write, µs", Figure.fraction(write, 2), target: "≤ 2.0")
        report.isSound = kept > 0 && output == value.bytes
        report.settings = ["processor time of one thread, best of 5 rounds of 50,000"]
        return report
    }
}
