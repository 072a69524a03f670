import Definitions
import Engine
import Logging
import Models

extension PlanKeeper {
    /// Journeys whose versions get what they were compiled from in one look.
    private static let keptAtOnce = 100

    /// Keeps with each live version that was published before this was kept what it compiles from now: once, so that it
    /// goes on by that from here on. Where somebody writes meanwhile, the next look does it.
    func keepBases(_ known: PlanSnapshot) async throws(DefinitionError) {
        if known.unkept.isEmpty { return }
        let checkedAt = try await store.changes()
        guard try await definitionChanges() == known.changes else { return }
        for (name, numbers) in known.unkept.sorted(by: { $0.key < $1.key }).prefix(Self.keptAtOnce) {
            guard let stored = try await store.get(.journeys, name) else { continue }
            var record = JourneyRecord(stored.document)
            var kept: [String] = []
            for number in numbers {
                guard let version = record.version(number), version.basis == nil,
                    let basis = Plan.basis(of: JourneyDocument(version.document), catalogue: known.catalogue)
                else { continue }
                record.keep(basis, of: number)
                kept.append("\(number)")
            }
            if kept.isEmpty { continue }
            // Its own writes are no reason to begin again: they change no definition that plans are made of.
            let number = try await store.changes()
            if number != checkedAt {
                guard try await definitionChanges() == known.changes else { return }
            }
            let result = try await store.replace(
                .journeys, stored, by: record.document, checkedAt: number, author: Author(name: "journey-execution"))
            if case .written = result {
                logger.notice(
                    "what a version is compiled from is kept with it from now on",
                    metadata: ["journey": "\(name)", "versions": "\(kept.joined(separator: ", "))"])
            }
        }
        await reload()
    }

    /// Says once that a version is broken, and that it is mended.
    func say(_ broken: [String: [Int64: [String]]], _ before: [String: [Int64: [String]]]) {
        for (journey, versions) in broken {
            for (version, reasons) in versions where before[journey]?[version] == nil {
                logger.error(
                    "a published version does not compile any more: nobody enters it, and the people inside wait",
                    metadata: [
                        "journey": "\(journey)", "version": "\(version)",
                        "reasons": "\(reasons.joined(separator: "; "))",
                    ])
            }
        }
        for (journey, versions) in before {
            for version in versions.keys where broken[journey]?[version] == nil {
                logger.notice(
                    "a broken version is mended", metadata: ["journey": "\(journey)", "version": "\(version)"])
            }
        }
    }
}
