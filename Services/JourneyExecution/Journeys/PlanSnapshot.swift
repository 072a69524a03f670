import Audiences
import Definitions
import Engine
import Models

/// The plans of one configuration revision.
struct PlanSnapshot: Sendable {
    /// -1 before the configuration was read for the first time: nothing may be handled by it.
    let revision: Int64
    let journeys: JourneySet
    let catalogue: Catalogue
    /// Who is a member of which audience, by the profile.
    let audiences: AudienceRules
    /// Names of events that are kept among the person's latest.
    let keptEvents: Set<String>
    let deployment: Deployment
    let limits: EngineLimits
    let plans: [PlanKeeper.PlanKey: Plan]
    let changes: [Int64]
    let lives: [String: JourneyLife]
    /// Versions that people may be inside and that do not compile, with the reasons.
    let broken: [String: [Int64: [String]]]
    /// Live versions that were published before what they were compiled from was kept.
    let unkept: [String: [Int64]]
    /// Of all documents that plans are made of: says that one was written behind the services.
    let fingerprint: Int
    /// Tests and dry runs that are under way, by id.
    let trials: [String: TrialPlan]
    /// The dry runs among them, in the order of their ids.
    let dryRuns: [TrialPlan]

    /// The engine of a test.
    func engine(partition: Int, trial: TrialPlan) -> Engine {
        Engine(
            journeys: trial.journeys, deployment: deployment.hashKey, partition: partition, limits: limits,
            run: trial.trial.run)
    }

    /// An event that leads into a journey.
    struct Entrance: Sendable {
        let journey: String
        let version: Int64
        let event: String
    }

    /// Versions that people may be inside, oldest first.
    func versions(of journey: String) -> [Int64] { lives[journey]?.versions ?? [] }

    func isPaused(_ journey: String) -> Bool { lives[journey]?.isPaused ?? false }

    func isLive(_ journey: String, _ version: Int64) -> Bool { lives[journey]?.live == version }

    func isBroken(_ journey: String, _ version: Int64) -> Bool { broken[journey]?[version] != nil }

    /// How a version reads its audience; nil where it does not.
    func reader(_ journey: String, _ version: Int64) -> JourneyNode.ReadAudience? {
        lives[journey]?.readers[version]
    }

    /// The live journeys that one of these business events starts.
    func starts(by events: [String]) -> [Entrance] {
        lives.compactMap { name, life -> Entrance? in
            guard let live = life.live, !life.isPaused, !isBroken(name, live),
                let event = life.business.first(where: events.contains)
            else {
                return nil
            }
            return Entrance(journey: name, version: live, event: event)
        }.sorted { $0.journey < $1.journey }
    }

    /// The live journeys that read an audience by themselves, at a time or again and again.
    var schedules: [RunSchedule.Entry] {
        lives.compactMap { name, life -> RunSchedule.Entry? in
            guard let live = life.live, !life.isPaused, !isBroken(name, live), life.business.isEmpty,
                let reading = life.readers[live], let zone = life.zone
            else { return nil }
            return RunSchedule.Entry(
                journey: name, version: live, schedule: reading.schedule, zone: zone, publishedAt: life.publishedAt)
        }.sorted { $0.journey < $1.journey }
    }

    func engine(partition: Int) -> Engine {
        Engine(journeys: journeys, deployment: deployment.hashKey, partition: partition, limits: limits)
    }
}
