import Logging
import Models
import Queues

/// Stimuli for people who were brought over to another partition: before ids were composed where they come in, a person
/// lay where the other spelling led, and what was asked for then is answered there.
extension RoundRunner {
    /// Appends strays to the inboxes that they belong in; the commit of this batch consumes them. A crash between the
    /// two appends them again, which moves nobody: outcomes count once, and an event is known by its hash.
    func sendStraysOn(_ works: inout [Work], _ outcome: inout Outcome) async {
        var stuck: Set<Int> = []
        for place in works.indices {
            var entries: [InboxEntry] = []
            for (number, item) in works[place].stimuli.enumerated() {
                guard let stimulus = item.stimulus, let home = home(of: stimulus, in: works[place].partition.number)
                else { continue }
                works[place].strays.insert(number)
                entries.append(entry(item.element, stimulus, to: home))
            }
            if entries.isEmpty { continue }
            do throws(QueueError) {
                let results = try await starter.inbox.unbounded.append(entries)
                if results.contains(where: { if case .full = $0 { true } else { false } }) { stuck.insert(place) }
            } catch {
                logger.warning(
                    "stimuli could not be sent on to their partition",
                    metadata: ["partition": "\(works[place].partition.number)", "error": "\(error)"])
                stuck.insert(place)
            }
        }
        if stuck.isEmpty { return }
        outcome.isInterrupted = true
        outcome.partitions += stuck.sorted().map { works[$0].partition }
        works = works.indices.filter { !stuck.contains($0) }.map { works[$0] }
    }

    /// Where the person of a stimulus is, if not here. Ids of ASCII have one spelling.
    private func home(of stimulus: Stimulus, in partition: Int) -> Int? {
        guard let person = stimulus.person, !(person.id.utf8Span.isKnownASCII && person.namespace.utf8Span.isKnownASCII)
        else { return nil }
        let home = person.partition(of: partitions)
        return home == partition ? nil : home
    }

    private func entry(_ element: [UInt8], _ stimulus: Stimulus, to home: Int) -> InboxEntry {
        // The time of acceptance is put in front anew.
        let rest = element.firstIndex(of: UInt8(ascii: ",")).map { [UInt8(ascii: "{")] + element[($0 + 1)...] }
        guard case .event = stimulus.body else {
            return InboxEntry(partition: home, element: rest ?? element, source: .inside)
        }
        var hash = SipHash(key: HashKey(first: 0x7374_7261_7973, second: 0x6f6e_6365))
        for byte in element { hash.add(byte) }
        return InboxEntry(
            partition: home, element: rest ?? element, duplicateHash: Int64(bitPattern: hash.finish().low))
    }
}
