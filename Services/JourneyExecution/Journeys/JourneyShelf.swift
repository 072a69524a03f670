import Definitions
import Engine
import Models
import Synchronization

/// What the engine must know of every journey: only what was written since the last look is parsed anew, so that a
/// change of one among thousands costs little more than one among few.
final class JourneyShelf: Sendable {
    /// A version that people can be inside, or whose goal those who left may still reach.
    struct Version: Sendable {
        let number: Int64
        let state: JourneySet.State
        /// A journey whose name was deleted long ago may count its versions from 1 again.
        let publishedAt: Int64
        /// When its labels were last changed.
        let editedAt: Int64?
        /// When it is needed no more (ms), where that is known.
        let until: Int64?
        /// Whether what it was compiled from is kept with it.
        let hasBasis: Bool
    }

    struct Item: Sendable {
        /// As it is stored: its documents are read from here when they are needed, which is seldom.
        fileprivate let bytes: [UInt8]
        let name: String
        /// The last revision of a journey of this name that was deleted.
        let origin: Int64
        let versions: [Version]
        let life: JourneyLife
        /// Of the newest version, or of the draft of one that was never published.
        let facts: JourneyFacts?

        fileprivate init(bytes: [UInt8], _ record: JourneyRecord) {
            self.bytes = bytes
            name = record.name
            origin = record.origin
            versions = record.versions.compactMap { version in
                let until = record.goalUntil(of: version)
                return (record.engineState(of: version) ?? (until == nil ? nil : .finished)).map {
                    Version(
                        number: version.number, state: $0, publishedAt: version.publishedAt,
                        editedAt: version.editedAt, until: until, hasBasis: version.basis != nil)
                }
            }
            life = JourneyLife(record)
            facts = (record.versions.last?.document ?? record.draft).map {
                JourneyFacts(JourneyDocument($0), isLive: record.live != nil)
            }
        }

        /// The document of a version and what it was compiled from; nil where there is none.
        func content(of version: Int64) -> (document: JourneyDocument, basis: JSONValue?)? {
            guard let object = (try? JSONValue.parse(bytes))?.objectValue else { return nil }
            return JourneyRecord(object).version(version).map { (JourneyDocument($0.document), $0.basis) }
        }
    }

    struct Content: Sendable {
        /// Counts the reads.
        fileprivate let number: Int
        /// By name.
        let items: [Item]

        var facts: [JourneyFacts] { items.compactMap(\.facts) }
    }

    private let store: DefinitionStore
    private let reads = Atomic<Int>(0)
    private let known = Mutex(Content(number: 0, items: []))

    init(store: DefinitionStore) { self.store = store }

    /// All journeys as they are now. Their bytes are fetched and compared each time, since the number of their writes
    /// may come twice where Redis lost its tail.
    func read() async throws(DefinitionError) -> Content {
        let before = known.withLock { $0 }
        let number = reads.add(1, ordering: .relaxed).newValue
        let documents = try await store.documents(.journeys)
        let items = documents.compactMap { name, bytes -> Item? in
            if let place = before.place(of: name), before.items[place].bytes == bytes { return before.items[place] }
            guard let object = (try? JSONValue.parse(bytes))?.objectValue else { return nil }
            return Item(bytes: bytes, JourneyRecord(object))
        }
        let fresh = Content(number: number, items: items)
        known.withLock { if fresh.number > $0.number { $0 = fresh } }
        return fresh
    }
}

extension JourneyShelf.Content {
    /// Items are in the order of their names.
    fileprivate func place(of name: String) -> Int? {
        var low = 0, high = items.count
        while low < high {
            let middle = (low + high) / 2
            if items[middle].name < name { low = middle + 1 } else { high = middle }
        }
        return low < items.count && items[low].name == name ? low : nil
    }
}
