import Engine
import Models
import Queues

/// The people to whom a tour comes in one commit.
struct TourPiece: Sendable {
    struct Stop: Sendable {
        /// As the walked set has it: person and instance, or the person alone.
        let member: String
        /// The score in that set: since when somebody is held or inside.
        let score: Int64
        /// Of whom is held.
        let version: Int64
        /// Nil for whoever is passed over: a run came to them before, or the member cannot be read.
        let stimulus: EngineStimulus?

        var personKey: String { InstancePlace(member: member)?.personKey ?? member }

        /// Nil where the member is not what the walked set holds.
        func person(of tour: Tour) -> Person? {
            if case .admit = tour.errand { return Person(key: member) }
            return InstancePlace(member: member).flatMap { Person(key: $0.personKey) }
        }

        /// As it is parked where the tour cannot come to the person.
        func element(of tour: Tour) -> [UInt8] {
            var writer = ElementWriter()
            writer.add("kind", "tour")
            writer.add("tour", tour.field)
            writer.add("cause", tour.cause)
            writer.add("version", version)
            writer.add("member", member)
            return writer.finish()
        }
    }

    let tour: Tour
    /// Of a run that reads only who is new: its number among those of the journey in this partition.
    var runNumber: Int64?
    var stops: [Stop]
    /// Nobody is left after these.
    let isEnd: Bool
}

/// What tours need to know of the configuration.
struct TourRules: Sendable {
    static let none = TourRules(partitions: 1, snapshot: nil)

    let partitions: Int
    let snapshot: PlanSnapshot?

    /// A partition's part of a rate over all.
    func share(of ratePerSecond: Double?) -> Double? { ratePerSecond.map { $0 / Double(max(1, partitions)) } }

    /// The runs of the journeys that a business event starts; one run for each event and journey.
    func runs(startedBy event: BusinessEvent) -> [AudienceRun] {
        (snapshot?.starts(by: event.events) ?? []).map { start in
            AudienceRun(
                id: "\(start.journey):\(start.version):\(event.id)", journey: start.journey, version: start.version,
                eventName: start.event, event: event.payload.objectValue)
        }
    }

    /// How a version reads its audience; nil where it does not.
    func reader(_ journey: String, _ version: Int64) -> JourneyNode.ReadAudience? {
        snapshot?.reader(journey, version)
    }
}
