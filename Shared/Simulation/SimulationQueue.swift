import HeapModule
import Models

/// What comes next in a simulation's virtual time.
struct SimulationQueue {
    enum What {
        case timer(instance: String)
        /// The n-th time that an occurrence of the request happens to the person, from 1.
        case occurrence(Int, number: Int)
        case outcome(Outcome)
        case reaction(Reaction)
        case move(AudienceMove)
        /// A run of the journey begins; with the event that started it.
        case run(payload: JSONValue?)
        /// A run of the journey comes to the person; with the event that started it.
        case admission(run: String, payload: JSONValue?)
    }

    struct Item: Comparable {
        let time: Int64
        /// The place of the person.
        let person: Int
        let what: What
        /// Of two at one time the one that was put in first; timers come before all others, by instance.
        fileprivate let sequence: Int

        private var instance: String? {
            if case .timer(let instance) = what { instance } else { nil }
        }

        static func < (one: Item, other: Item) -> Bool {
            if one.time != other.time { return one.time < other.time }
            switch (one.instance, other.instance) {
            case (let one?, let other?) where one != other: return one < other
            case (_?, nil): return true
            case (nil, _?): return false
            default: return one.sequence < other.sequence
            }
        }

        static func == (one: Item, other: Item) -> Bool { one.sequence == other.sequence }
    }

    private var heap = Heap<Item>()
    private var sequence = 0
    /// When each instance's timer is due: one that was put in for another time is none any more.
    private var due: [String: Int64] = [:]

    mutating func add(_ what: What, person: Int, at time: Int64) {
        heap.insert(Item(time: time, person: person, what: what, sequence: sequence))
        sequence += 1
    }

    mutating func setTimer(of instance: String, person: Int, due time: Int64) {
        due[instance] = time
        add(.timer(instance: instance), person: person, at: time)
    }

    mutating func clearTimer(of instance: String) { due[instance] = nil }

    /// The earliest that is not later than the end.
    mutating func next(upTo end: Int64) -> Item? {
        while let item = heap.min, item.time <= end {
            heap.removeMin()
            if case .timer(let instance) = item.what {
                guard due[instance] == item.time else { continue }
                due[instance] = nil
            }
            return item
        }
        return nil
    }
}
