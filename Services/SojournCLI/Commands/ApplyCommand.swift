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

    func run(_ services: ServiceConnection) async throws {
        let documents = try DocumentFiles.read(paths)
        var results: [JSONValue] = []
        // One kind after the other, since journeys name events and events name schemas.
        for kind in DocumentKind.allCases {
            let ofKind = documents.filter { $0.kind == kind }.map(\.document)
            if ofKind.isEmpty { continue }
            let answer = try await services.call(
                kind.service, "config.apply", ["documents": .array(ofKind), "dryRun": .bool(dryRun)])
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
