import Engine
import Logging
import Models
import Queues

/// Whom a round touches.
extension RoundRunner {
    /// Only of people that the batch touches; who is broken cannot be moved.
    struct Loaded {
        var travelers: [String: Traveler] = [:]
        var profiles: [String: ProfileDocument] = [:]
        var kept: [String: KeptEvents] = [:]
        var broken: Set<String> = []
    }

    /// The people that the batches touch: travelers that are not held, profiles that a plan may read.
    /// Partitions whose people cannot be read wait for the next round.
    func load(_ works: inout [Work], _ snapshot: PlanSnapshot, _ outcome: inout Outcome) async -> [Loaded] {
        var asks: [PeopleAsk] = []
        var held: [[String: Traveler]] = []
        for index in works.indices {
            let work = works[index]
            var unsure: [(key: String, stimulus: EngineStimulus)] = []
            var travelers: Set<String> = []
            var profiles: Set<String> = []
            var events: Set<String> = []
            var known: [String: Traveler] = [:]
            var checked: Set<String> = []
            func need(_ key: String, _ stimulus: EngineStimulus?, trial: String? = nil) {
                if let trial {
                    // A test may read the profile whatever its plan says of it: there are few of them.
                    profiles.insert(key)
                    travelers.insert(TravelerKey(personKey: key, trial: trial).text)
                    if snapshot.trials[trial]?.journeys.readsKeptEvents ?? false { events.insert(key) }
                    return
                }
                if work.partition.checksKeys { checked.insert(key) }
                let held = known[key] ?? work.partition.travelers[key]
                if let held { known[key] = held } else { travelers.insert(key) }
                guard let stimulus else { return }
                if snapshot.journeys.needsProfile(for: stimulus, traveler: held) { profiles.insert(key) }
                switch snapshot.journeys.needsKeptEvents(for: stimulus, traveler: held) {
                case true?: events.insert(key)
                case false?: break
                case nil: unsure.append((key, stimulus))
                }
            }
            for (_, stimulus, _) in work.stimuli {
                if let trial = stimulus?.run?.id, let person = stimulus?.person {
                    need(person.key, nil, trial: trial)
                    continue
                }
                switch stimulus?.body {
                case .event(let event)?:
                    need(event.person.key, .event(event))
                    for plan in snapshot.dryRuns where plan.listens(to: event) {
                        need(event.person.key, nil, trial: plan.trial.mark.id)
                    }
                case .outcome(let outcome)?: need(outcome.person.key, .outcome(outcome))
                case .audience(let move)?:
                    need(move.person.key, .audience(move))
                    for plan in snapshot.dryRuns where plan.journeys.listens(to: move) {
                        need(move.person.key, nil, trial: plan.trial.mark.id)
                    }
                case .reaction(let reaction)?: need(reaction.person.key, .reaction(reaction))
                case .command(.endInstance(let person, _))?: need(person.key, nil)
                default: break
                }
            }
            for timer in work.timers {
                guard let place = InstancePlace(member: timer.member) else { continue }
                need(
                    place.key.personKey, .timer(instance: place.instance, due: timer.due), trial: place.key.trial)
            }
            for timer in work.clock?.timers ?? [] {
                guard let place = InstancePlace(member: timer.member) else { continue }
                need(place.key.personKey, nil, trial: place.key.trial)
            }
            for (walk, members) in work.leaving {
                for member in members {
                    if let trial = walk.trial {
                        travelers.insert(TravelerKey(personKey: member, trial: trial).text)
                    } else if let place = InstancePlace(member: member) {
                        need(place.personKey, nil)
                    }
                }
            }
            for stop in work.tour?.stops ?? [] { need(stop.personKey, stop.stimulus) }
            works[index].unsure = unsure
            held.append(known)
            asks.append(
                PeopleAsk(
                    partition: work.partition.number, travelers: Array(travelers), profiles: Array(profiles),
                    events: Array(events), checked: Array(checked)))
        }
        if asks.allSatisfy(\.isEmpty) { return held.map { Loaded(travelers: $0) } }
        var loaded: [Loaded] = []
        var ready: [Work] = []
        for ((work, held), answer) in zip(zip(works, held), await reader.load(asks)) {
            switch answer {
            case .success(let answer):
                ready.append(noting(answer, work))
                loaded.append(people(held, answer))
            case .failure(let error):
                logger.warning("the people of a round could not be read", metadata: ["error": "\(error)"])
                outcome.partitions.append(work.partition)
                outcome.isInterrupted = true
            }
        }
        works = ready
        await loadKept(&works, &loaded, snapshot, &outcome)
        return loaded
    }

    private func people(_ held: [String: Traveler], _ answer: LoadedPeople) -> Loaded {
        var travelers = held
        for (key, fields) in answer.travelers {
            guard let person = Person(key: TravelerKey(key.text).personKey) else { continue }
            travelers[key.text] = Traveler(person: person, fields: fields)
        }
        var profiles: [String: ProfileDocument] = [:]
        for (key, bytes) in answer.profiles {
            // A profile that cannot be read is an empty one: its person goes on by the rules for missing fields.
            if let profile = try? ProfileDocument(bytes: bytes) { profiles[key.text] = profile }
        }
        var kept: [String: KeptEvents] = [:]
        for (key, list) in answer.events { kept[key.text] = KeptEvents(elements: list) }
        return Loaded(
            travelers: travelers, profiles: profiles, kept: kept, broken: Set(answer.broken.map(\.text)))
    }
}
