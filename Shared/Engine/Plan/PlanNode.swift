import Expressions
import Models

/// A node of a plan, with its targets as indexes.
struct PlanNode: Sendable {
    let id: String
    let type: String
    let label: String?
    let next: [Int]
    let step: PlanStep
    let visitsMax: Int64
    /// Whether an instance may come here more than once; only then visits are counted.
    let isInLoop: Bool
    /// What makes this node's random numbers differ from another's.
    let salt: UInt64
    /// The look-up fields that the node reads, by `source.group`.
    let lookupFields: [String: [String]]
}

/// What a node does.
enum PlanStep: Sendable {
    case event(EventStep)
    case condition(ConditionStep)
    case wait(WaitStep)
    case action(ActionStep)
    case end

    /// Whether an instance stays here until something occurs.
    var listens: Bool {
        switch self {
        case .event, .wait: true
        default: false
        }
    }
}

struct EventStep: Sendable {
    let event: String
    let filter: CompiledExpression?
    let match: CompiledExpression?
    let timeoutMilliseconds: Int64?
    /// Where a time-out leads; the node's next where the journey does not say.
    let onTimeout: [Int]
    let timeoutPath: String
}

struct ConditionStep: Sendable {
    struct Path: Sendable {
        let label: String
        /// The reason that a step event gives.
        let reason: String
        let test: PathTest
        let next: [Int]
    }

    let paths: [Path]
    let otherwise: [Int]?
    let onError: [Int]?
    let prefetch: Bool
    let redraw: Bool
}

enum PathTest: Sendable {
    case when(CompiledExpression)
    /// Milliseconds of the day, the end exclusive and maybe before the start; days as bits, Monday 1.
    case time(from: Int64, to: Int64, days: UInt8)
    case date(from: PlanTime?, to: PlanTime?)
    /// Of the number drawn from 0 to 100.
    case share(from: Double, to: Double)
}

enum WaitStep: Sendable {
    case elapsed(milliseconds: Int64)
    case until(CompiledExpression)
    case at(millisecondOfDay: Int64, days: UInt8)
}

struct ActionStep: Sendable {
    struct Parameter: Sendable {
        let name: String
        let expression: CompiledExpression
        let isRequired: Bool
        /// A null is sent as null and not left out.
        let allowsNull: Bool
    }

    let action: String
    let revision: Int64
    let parameters: [Parameter]
    let timeoutMilliseconds: Int64
    let onError: [Int]?
    /// Paths of the response that the plan reads, without `jo_status_code`.
    let fields: [String]
    /// Whether anything of the response is kept.
    let keepsResponse: Bool
}

/// A moment: an instant, or a local time that the journey's zone makes one.
enum PlanTime: Sendable {
    case instant(Int64)
    case local(LocalDateTime)

    func instant(in zone: Zone) -> Int64 {
        switch self {
        case .instant(let instant): instant
        case .local(let local): zone.instant(of: local)
        }
    }
}

/// Whose clocks a plan goes by.
enum PlanZone: Sendable {
    case fixed(Zone)
    case profile(path: [String], fallback: Zone)

    func zone(of profile: JSONObject) -> Zone {
        switch self {
        case .fixed(let zone): return zone
        case .profile(let path, let fallback):
            guard let name = JSONValue.object(profile).value(at: path)?.stringValue else { return fallback }
            return Zone(identifier: name) ?? fallback
        }
    }
}
