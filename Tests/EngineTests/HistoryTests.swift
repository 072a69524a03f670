import Engine
import Foundation
import Models
import Testing

/// Instances as they ran, with their journeys: each build must have them come to the same.
///
/// `{"journeys":[{"version":1,"document":{…}}],"records":[…]}`; `SOJOURN_WRITE_HISTORIES=1` records them anew.
@Suite("Recorded histories")
struct HistoryTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Histories")
    static let countMax = 12

    /// The names of the recorded ones; recorded anew first where that is asked for.
    static let files: [String] = {
        if ProcessInfo.processInfo.environment["SOJOURN_WRITE_HISTORIES"] != nil { write() }
        let found = try? FileManager.default.contentsOfDirectory(atPath: folder.path())
        return (found ?? []).filter { $0.hasSuffix(".json") }.sorted()
    }()

    private static func write() {
        var count = 0, seed: UInt64 = 0
        while count < countMax {
            seed += 1
            guard let made = recorded(seed: seed) else { continue }
            count += 1
            let text = made.text.replacing(",{\"namespace\"", with: ",\n{\"namespace\"")
            try? text.write(to: folder.appending(path: "\(seed).json"), atomically: true, encoding: .utf8)
        }
    }

    /// The longest history among the instances of a random run.
    static func recorded(seed: UInt64) -> JSONValue? {
        var history = ReferenceHistory(seed: seed)
        history.play(120)
        let full = history.run.records.values.filter { $0.first?.input != nil }
        guard let records = full.max(by: { ($0.count, $1[0].instance ?? "") < ($1.count, $0[0].instance ?? "") })
        else { return nil }
        let versions = history.run.model.versions.filter { $0.journey == records[0].journey }
        guard records.count > 4 else { return nil }
        return [
            "journeys": .array(
                versions.map { ["version": .integer($0.number), "document": .object($0.document.document)] }),
            "records": .array(records.map(json)),
        ]
    }

    private static func json(_ record: StepRecord) -> JSONValue {
        var bytes: [UInt8] = []
        record.write(to: &bytes)
        return (try? JSONValue.parse(bytes)) ?? .null
    }

    @Test("There are recorded histories")
    func some() { #expect(Self.files.count >= Self.countMax) }

    @Test("A recorded instance comes to the same when it is run again", arguments: files)
    func same(name: String) throws {
        let file = Self.folder.appending(path: name)
        let history = try JSONValue.parse([UInt8](Data(contentsOf: file)))
        var plans: [Plan] = []
        for item in history["journeys"]?.arrayValue ?? [] {
            let document = JourneyDocument(item["document"]?.objectValue ?? JSONObject())
            let version = item["version"]?.integerValue ?? 0
            let found = Plan.compile(document, version: version, catalogue: ReferenceHistory.catalogue)
            plans.append(try #require(found.plan))
        }
        let records = try (history["records"]?.arrayValue ?? []).map { try StepRecord($0) }
        #expect(records.count > 1)
        let found = try InstanceReplay.run(records: records, plans: plans)
        let difference = InstanceReplay.difference(records, found)
        #expect(difference == nil, "\(String(describing: difference))")
    }

    @Test("A short history cannot be run again, and says so")
    func short() {
        let record = StepRecord(
            person: Story.person, journey: "j", version: 1, instance: "i", stimulus: "e", events: [])
        #expect(throws: InstanceReplay.Unreplayable.self) { try InstanceReplay.run(records: [record], plans: []) }
    }
}
