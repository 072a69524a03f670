import ArgumentParser
import Engine
import Foundation
import Models
import Simulation

/// `sojourn simulate FILE [--definitions PATH…] [--people N] [--events FILE] [--expect FILE]`
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Runs a journey with made or recorded people in virtual time, and checks what comes of it.",
        discussion: """
            FILE is a simulation (journey, people, events, mocks, seed, until, expect), or a journey. With \
            --definitions everything is read from files and nothing need be running: a journey's own unit test. \
            Without, \
            journey-execution simulates with what it knows.
            """)

    @Argument(help: "The simulation or the journey, as YAML or JSON.") var file: String
    @Option(
        parsing: .upToNextOption,
        help: "Files or folders with the schemas, events, sources, actions, audiences and journeys.")
    var definitions: [String] = []
    @Option(help: "How many people; before what the file says.") var people: Int?
    @Option(help: "The seed; before what the file says.") var seed: Int64?
    @Option(help: "A file with the list of what happens; before what the file says.") var events: String?
    @Option(help: "A file with what is expected of the result; before what the file says.") var expect: String?
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        var params = try Self.simulation(in: file)
        let expected = try expect.map(DocumentFiles.value) ?? params["expect"]
        params["expect"] = nil
        if let people {
            var made = params["people"]?.objectValue ?? JSONObject()
            made["count"] = JSONValue(people)
            params["people"] = .object(made)
        }
        if let seed { params["seed"] = .integer(seed) }
        if let events { params["events"] = try DocumentFiles.value(events) }
        let result = definitions.isEmpty ? try await remote(params) : try await local(params)
        print(connection.json ? result.text : SimulationText.lines(of: result).joined(separator: "\n"))
        guard let expected else { return }
        let differences = SimulationExpectation(expected).differences(from: result)
        if differences.isEmpty {
            if !connection.json { print("as expected") }
        } else {
            throw CommandFailure(
                message: "\(file): not as expected\n" + differences.map { "  \($0)" }.joined(separator: "\n"))
        }
    }

    /// The simulation in a file; of a journey one with a hundred people whom nothing happens to but its entry event.
    private static func simulation(in file: String) throws -> JSONObject {
        let value = try DocumentFiles.value(file)
        if let simulation = value["simulation"]?.objectValue { return simulation }
        guard let journey = value["journey"], let object = value.objectValue else {
            throw CommandFailure(message: "\(file): expected a document with the member simulation or journey")
        }
        if object.contains("events") || object.contains("people") { return object }
        var params: JSONObject = ["journey": journey]
        if case .event(let entry)? = JourneyDocument(journey.objectValue ?? JSONObject()).nodes.first?.body {
            params["events"] = [["event": .string(entry.event)]]
        }
        return params
    }

    private func remote(_ params: JSONObject) async throws -> JSONValue {
        let services = try connection.connection()
        do {
            let result = try await services.call(.journeyExecution, "simulate.run", .object(params))
            await services.close()
            return result
        } catch {
            await services.close()
            if let failure = error as? RPCFailure { throw CommandFailure(message: failure.text) }
            throw error
        }
    }

    private func local(_ params: JSONObject) async throws -> JSONValue {
        var reader = ObjectReader(params)
        let journey = reader.value("journey") ?? .null
        let request = SimulationRequest(&reader)
        reader.refuseUnknown()
        if !reader.problems.isEmpty {
            throw CommandFailure(message: "\(file):\n" + reader.problems.map { "  \($0)" }.joined(separator: "\n"))
        }
        let configuration = try Self.configuration(definitions)
        let named = configuration.journeys.first { $0.name == journey.stringValue }
        guard let document = journey.objectValue.map(JourneyDocument.init) ?? named else {
            throw CommandFailure(message: "\(file): there is no journey \(journey.text) among the definitions")
        }
        do {
            let world = try configuration.world(for: document)
            return try await Simulation(request, in: world).run().json
        } catch let invalid as SimulationConfiguration.Invalid {
            let lines = invalid.findings.map { finding in
                "  \(finding.severity) \(finding.code) \(finding.node ?? "")\(finding.field ?? ""): \(finding.message)"
            }
            throw CommandFailure(message: "\(document.name) cannot run\n" + lines.joined(separator: "\n"))
        } catch Simulation.Failure.tooMuch(let items) {
            throw CommandFailure(message: "more than \(items) things happen; simulate fewer people or less time")
        }
    }

    private static func configuration(_ paths: [String]) throws -> SimulationConfiguration {
        var configuration = SimulationConfiguration()
        for (kind, document) in try DocumentFiles.read(paths) {
            let object = document[kind.rawValue]?.objectValue ?? JSONObject()
            do {
                switch kind {
                case .schema: configuration.schemas.append(try SchemaDefinition(object))
                case .event: configuration.events.append(try EventDefinition(object))
                case .dataSource: configuration.dataSources.append(try DataSourceDefinition(object))
                case .action: configuration.actions.append(try ActionDefinition(object))
                case .audience: configuration.audiences.append(try AudienceDefinition(object))
                case .journey: configuration.journeys.append(JourneyDocument(object))
                default: break
                }
            } catch {
                throw CommandFailure(
                    message: "the \(kind.rawValue) \(object["name"]?.stringValue ?? "") is not valid: \(error)")
            }
        }
        return configuration
    }
}
