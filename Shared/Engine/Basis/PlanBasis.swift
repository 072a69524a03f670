import Expressions
import Models

/// What a version was compiled from, as far as it reads it: types, parameters, names. Kept with the version, so that
/// whoever compiles it later makes the same plan, whatever became of the definitions.
///
/// Addresses, credentials, limits, texts and samples are no part of it: those are always of now.
package struct PlanBasis: Sendable {
    struct Event: Sendable {
        let namespace: String
        let isBusiness: Bool
        let shape: Shape
    }

    struct Action: Sendable {
        let parameters: [ActionDefinition.Parameter]
        let response: Shape
    }

    var events: [String: Event] = [:]
    var sources: [String: [String: ExpressionScope.FieldGroup]] = [:]
    var actions: [String: Action] = [:]
    var audiences: Set<String> = []
    /// The journeys that people may jump to, with the events by which they are entered.
    var journeys: [String: String?] = [:]
    var profile = Shape(fields: [:])
    var keptEvents: [String: Shape] = [:]
    var keptEvent = Shape(fields: [:])
}

/// What a journey's expressions and nodes read of the shapes in the catalogue: paths, an empty one for everything.
struct PlanReads {
    struct Group: Hashable {
        let source: String
        let name: String
    }

    var events: [String: Set<[String]>] = [:]
    var actions: [String: Set<[String]>] = [:]
    var groups: [Group: Set<[String]>] = [:]
    var profile: Set<[String]> = []

    mutating func note(_ references: References) {
        for field in references.eventFields { events[field.event, default: []].insert(field.path) }
        for field in references.actions { actions[field.action, default: []].insert(field.path) }
        for lookup in references.lookups {
            groups[Group(source: lookup.source, name: lookup.group), default: []].insert(lookup.path)
        }
        profile.formUnion(references.profilePaths)
    }
}

extension Plan {
    /// What the document is compiled from; nil where it does not compile.
    ///
    /// Only what the journey reads is taken, unless the plan could not be made of that alone.
    package static func basis(of document: JourneyDocument, catalogue: Catalogue) -> PlanBasis? {
        var compiler = PlanCompiler(document, catalogue)
        guard compiler.compilation(version: 0).plan != nil else { return nil }
        let basis = compiler.basis(isWhole: false)
        let again = compile(document, version: 0, basis: basis, now: catalogue)
        return again.plan == nil ? compiler.basis(isWhole: true) : basis
    }

    /// Makes the plan of a version from what it was published with.
    ///
    /// - Parameter now: gives the revisions of actions, by which requests find their definitions, and the samples with
    ///   which a dry run answers.
    package static func compile(
        _ document: JourneyDocument, version: Int64, basis: PlanBasis, now: Catalogue
    ) -> Compilation {
        compile(document, version: version, catalogue: Catalogue(basis, now: now))
    }
}

extension PlanBasis {
    /// The definitions that the version needs to run and that are not there, or cannot be read, as sentences name them.
    package func missing(in catalogue: Catalogue) -> [String] {
        var missing: [String] = []
        for name in events.keys.sorted() {
            guard let event = catalogue.events[name] else {
                missing.append("the event \(name)")
                continue
            }
            if catalogue.schemas[event.schema] == nil { missing.append("the schema \(event.schema)") }
        }
        missing += actions.keys.sorted().filter { catalogue.actions[$0] == nil }.map { "the action \($0)" }
        for (source, groups) in sources.sorted(by: { $0.key < $1.key }) {
            for group in groups.keys.sorted() where catalogue.sources[source]?[group] == nil {
                missing.append("the field group \(source).\(group)")
            }
        }
        missing += audiences.subtracting(catalogue.audiences).sorted().map { "the audience \($0)" }
        return missing
    }
}

extension PlanCompiler {
    /// - Parameter isWhole: whether shapes are taken with all their fields.
    func basis(isWhole: Bool) -> PlanBasis {
        func part(_ shape: Shape, _ paths: Set<[String]>?) -> Shape {
            isWhole ? shape : shape.part(paths ?? [])
        }
        let uses = document.uses
        var basis = PlanBasis()
        basis.audiences = Set(uses.audiences)
        basis.profile = part(catalogue.profile, reads.profile)
        var events = Set(uses.events)
        for name in uses.journeys {
            guard let journey = catalogue.journeys[name] else { continue }
            basis.journeys[name] = .some(journey.entryEvent)
            if let entry = journey.entryEvent { events.insert(entry) }
        }
        for name in events {
            guard let event = catalogue.events[name] else { continue }
            basis.events[name] = .init(
                namespace: event.namespace, isBusiness: event.isBusiness, shape: part(event.shape, reads.events[name]))
        }
        for (group, paths) in reads.groups {
            guard let known = catalogue.sources[group.source]?[group.name] else { continue }
            basis.sources[group.source, default: [:]][group.name] = .init(
                shape: part(known.shape, paths), parameters: known.parameters)
        }
        let given = givenParameters
        for name in uses.actions {
            guard let action = catalogue.actions[name] else { continue }
            basis.actions[name] = .init(
                parameters: action.parameters.filter { $0.isRequired || given[name]?.contains($0.name) ?? false },
                response: part(action.response, reads.actions[name]))
        }
        if parts.readsKeptEvents {
            basis.keptEvent = catalogue.keptEvent
            basis.keptEvents = catalogue.keptEvents.filter { events.contains($0.key) }
        }
        return basis
    }

    private var givenParameters: [String: Set<String>] {
        var given: [String: Set<String>] = [:]
        for node in document.nodes {
            guard case .action(let step) = node.body else { continue }
            given[step.action, default: []].formUnion(step.parameters.map(\.name))
        }
        return given
    }
}

extension Shape {
    /// What lies at or below these paths, without limits of values, which make warnings and no plan.
    fileprivate func part(_ paths: Set<[String]>) -> Shape {
        let found = paths.contains([]) ? self : restricted(to: Array(paths))
        return Shape(fields: found.fields, others: found.others)
    }
}
