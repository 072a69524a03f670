import Audiences
import Engine
import Expressions
import Models

/// The definitions that a simulated journey may name.
package struct SimulationConfiguration: Sendable {
    package var schemas: [SchemaDefinition] = []
    package var events: [EventDefinition] = []
    package var dataSources: [DataSourceDefinition] = []
    package var actions: [ActionDefinition] = []
    package var audiences: [AudienceDefinition] = []
    /// Journeys that people may jump to.
    package var journeys: [JourneyDocument] = []

    package init() {}

    /// The journey cannot be simulated, as it cannot be published either.
    package struct Invalid: Error, Sendable {
        package let findings: [Finding]
    }

    /// Everything that a simulation of this journey knows.
    package func world(for document: JourneyDocument) throws(Invalid) -> Simulation.World {
        let rules = AudienceRules(
            audiences, profile: Shape(profileSchemas: schemas.filter { $0.subject == .profile }), changes: 0)
        let others = journeys.filter { $0.name != document.name }
        let catalogue = Catalogue(
            schemas: schemas, events: events, dataSources: dataSources, actions: actions,
            audiences: rules.names.union(rules.unusable.keys),
            journeys: others.map { JourneyFacts($0, isLive: true) })
        let compilation = Plan.compile(document, version: 1, catalogue: catalogue)
        guard let plan = compilation.plan else { throw Invalid(findings: compilation.findings) }
        var world = Simulation.World(plan: plan)
        world.audiences = rules
        world.keptEvents = Set(events.filter(\.isKept).map(\.name))
        var open = plan.jumpTargets, seen = Set([document.name])
        while let name = open.popLast() {
            guard seen.insert(name).inserted, let other = others.first(where: { $0.name == name }),
                let compiled = Plan.compile(other, version: 1, catalogue: catalogue).plan
            else { continue }
            world.others.append(compiled)
            open += compiled.jumpTargets
        }
        for source in dataSources {
            for group in source.groups { world.sourceSamples["\(source.name).\(group.name)"] = group.sample }
        }
        for action in actions { world.actionSamples[action.name] = action.response }
        return world
    }
}
