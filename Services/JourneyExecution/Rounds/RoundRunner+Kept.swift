import Engine
import Logging
import Models
import Queues

/// Reads the kept events of people of whom it showed only now that their instances read them.
extension RoundRunner {
    /// A second pipeline, only where a journey reads kept events and people were not held in memory: their lists may be
    /// a mebibyte each, so nobody's is read who does not need it. Partitions whose lists cannot be read wait for the
    /// next round.
    func loadKept(
        _ works: inout [Work], _ loaded: inout [Loaded], _ snapshot: PlanSnapshot, _ outcome: inout Outcome
    ) async {
        if works.allSatisfy(\.unsure.isEmpty) { return }
        let asks = zip(works, loaded).map { work, people in
            PeopleAsk(
                partition: work.partition.number, travelers: [], profiles: [],
                events: Array(unread(work, people, snapshot)))
        }
        if asks.allSatisfy(\.isEmpty) { return }
        var readyWorks: [Work] = []
        var readyPeople: [Loaded] = []
        for (place, answer) in await reader.load(asks).enumerated() {
            switch answer {
            case .success(let answer):
                readyWorks.append(noting(answer, works[place]))
                var people = loaded[place]
                for (key, list) in answer.events { people.kept[key.text] = KeptEvents(elements: list) }
                people.broken.formUnion(answer.broken.map(\.text))
                readyPeople.append(people)
            case .failure(let error):
                logger.warning("kept events could not be read", metadata: ["error": "\(error)"])
                outcome.partitions.append(works[place].partition)
                outcome.isInterrupted = true
            }
        }
        works = readyWorks
        loaded = readyPeople
    }

    private func unread(_ work: Work, _ people: Loaded, _ snapshot: PlanSnapshot) -> Set<String> {
        var keys: Set<String> = []
        for (key, stimulus) in work.unsure where people.kept[key] == nil {
            guard let traveler = people.travelers[key] else { continue }
            if snapshot.journeys.needsKeptEvents(for: stimulus, traveler: traveler) ?? false { keys.insert(key) }
        }
        return keys
    }

    /// Kept events count as bytes of the batch that needs them, so that the next one is as much smaller.
    func noting(_ answer: LoadedPeople, _ work: Work) -> Work {
        let bytes = answer.events.values.reduce(0) { sum, list in list.reduce(sum) { $0 + $1.count } }
        if bytes == 0 { return work }
        var work = work
        work.partition.readSize.note(elements: work.stimuli.count, bytes: bytes)
        return work
    }
}
