import ArgumentParser
import Foundation
import Models

/// `sojourn apply PATH… [--dry-run]`
struct ApplyCommand: ServiceCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Applies configuration from YAML and JSON files or folders: shows what changes and applies it.")

    @Argument(help: "Files or folders.") var paths: [String]
    @Flag(help: "Show what would change, change nothing.") var dryRun = false
    @OptionGroup var connection: ConnectionOptions

    func run(_ connected: ServiceConnection) async throws {
        let documents = try DocumentFiles.read(paths)
        var results: [JSONValue] = []
        // One service after the other, since journeys name what the others hold; a service gets all of its kinds at
        // once, so that a dry run too knows the schemas that its events name.
        var services: [ServiceName] = []
        for kind in DocumentKind.allCases where !services.contains(kind.service) { services.append(kind.service) }
        for service in services {
            let own = documents.filter { $0.kind.service == service }
                .sorted { $0.kind.place < $1.kind.place }.map(\.document)
            if own.isEmpty { continue }
            let answer = try await connected.call(
                service, "config.apply", ["documents": .array(own), "dryRun": .bool(dryRun)])
            results += answer["results"]?.arrayValue ?? []
        }
        if connection.json {
            print(JSONValue.array(results).text)
        } else {
            for result in results { show(result) }
        }
        let failed = results.count { $0["result"] == "failed" }
        if failed > 0 { throw CommandFailure(message: "\(failed) of \(results.count) documents were refused") }
    }

    private func show(_ result: JSONValue) {
        let change = result["result"]?.stringValue ?? ""
        print("\(change) \(result["kind"]?.stringValue ?? "") \(result["name"]?.stringValue ?? "")")
        for problem in result["problems"]?.arrayValue ?? [] {
            print("    \(problem["path"]?.stringValue ?? ""): \(problem["message"]?.stringValue ?? "")")
        }
    }
}

/// `sojourn export DIR`
struct ExportCommand: ServiceCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Writes the whole configuration into a folder of JSON files, without secrets.")

    @Argument(help: "The folder; it is made when it is not there.") var folder: String
    @OptionGroup var connection: ConnectionOptions

    func run(_ services: ServiceConnection) async throws {
        var written: [String] = []
        for service in Set(DocumentKind.allCases.map(\.service)).sorted(by: { $0.rawValue < $1.rawValue }) {
            let answer = try await services.call(service, "config.export")
            for document in answer["documents"]?.arrayValue ?? [] {
                written.append(try DocumentFiles.write(document, below: folder))
            }
        }
        if connection.json {
            print(JSONValue(written).text)
        } else {
            for path in written { print(path) }
        }
    }
}
