import ArgumentParser
import Foundation
import Models

/// `sojourn bundle NAME [--version N] [--output FILE]`
struct BundleCommand: ServiceCommand {
    static let configuration = CommandConfiguration(
        commandName: "bundle", abstract: "Writes a journey with everything that it needs, for import elsewhere.")

    @Argument(help: "The journey.") var name: String
    @Option(name: .customLong("of"), help: "A version; default: the draft, or the newest version.") var version: Int?
    @Option(help: "A file; default: standard output.") var output: String?
    @OptionGroup var connection: ConnectionOptions

    func run(_ services: ServiceConnection) async throws {
        var params: JSONObject = ["name": .string(name)]
        if let version { params["version"] = JSONValue(version) }
        let bundle = try await services.call(.journeyExecution, "journeys.export", .object(params))
        let text = connection.json ? bundle.text : bundle.prettyText
        guard let output else {
            print(text)
            return
        }
        do {
            try (text + "\n").write(toFile: output, atomically: true, encoding: .utf8)
        } catch {
            throw CommandFailure(message: "\(output) cannot be written")
        }
        print("wrote \(output)")
    }
}

/// `sojourn import FILE [--as NAME] [--overwrite] [--dry-run]`
struct ImportCommand: ServiceCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Brings a bundle in: what the journey needs goes to the services that own it, the journey is a draft."
    )

    @Argument(help: "A bundle, JSON or YAML.") var file: String
    @Option(name: .customLong("as"), help: "A name for the journey, instead of its own.") var newName: String?
    @Flag(help: "Change definitions that are there already and differ; without it they stay.") var overwrite = false
    @Flag(help: "Show what would happen, change nothing.") var dryRun = false
    @OptionGroup var connection: ConnectionOptions

    func run(_ services: ServiceConnection) async throws {
        let bundle = try DocumentFiles.value(file)
        guard let documents = bundle["documents"]?.arrayValue else {
            throw CommandFailure(message: "\(file) is no bundle: it has no documents")
        }
        var results = try await applyOthers(documents, services)
        var params: JSONObject = ["bundle": bundle, "dryRun": .bool(dryRun)]
        params["as"] = newName.map(JSONValue.string)
        let made = try await services.call(.journeyExecution, "journeys.import", .object(params))
        results += made["results"]?.arrayValue ?? []
        if connection.json {
            let answer: JSONValue = ["results": .array(results), "secrets": bundle["secrets"] ?? []]
            print(answer.text)
            return
        }
        for result in results {
            print(
                "\(result["result"]?.stringValue ?? "") \(result["kind"]?.stringValue ?? "") "
                    + (result["name"]?.stringValue ?? ""))
        }
        for secret in bundle["secrets"]?.arrayValue ?? [] {
            let words = ["kind", "name", "path"].compactMap { secret[$0]?.stringValue }.joined(separator: " ")
            print("a secret is left out: \(words)")
        }
    }

    /// Gives each definition to its owner. One that is there and differs is kept, unless it may be overwritten.
    private func applyOthers(_ documents: [JSONValue], _ services: ServiceConnection) async throws -> [JSONValue] {
        var results: [JSONValue] = []
        var owners: [ServiceName] = []
        for kind in DocumentKind.allCases where kind != .journey && !owners.contains(kind.service) {
            owners.append(kind.service)
        }
        for owner in owners {
            let kinds = DocumentKind.allCases.filter { $0.service == owner && $0 != .journey }
            let own = kinds.flatMap { kind in documents.filter { $0[kind.rawValue] != nil } }
            if own.isEmpty { continue }
            // All at once, so that a dry run knows the schemas that its events name.
            var tried = try await apply(own, to: owner, services, dryRun: true)
            var wanted: [JSONValue] = []
            for (place, document) in own.enumerated() where tried[place]["result"] != "unchanged" {
                if tried[place]["result"] == "updated", !overwrite {
                    tried[place] = Self.kept(tried[place])
                } else {
                    wanted.append(document)
                }
            }
            if !dryRun, !wanted.isEmpty { _ = try await apply(wanted, to: owner, services, dryRun: false) }
            results += tried
        }
        return results
    }

    private static func kept(_ result: JSONValue) -> JSONValue {
        var object = result.objectValue ?? [:]
        object["result"] = "kept"
        return .object(object)
    }

    private func apply(
        _ documents: [JSONValue], to service: ServiceName, _ services: ServiceConnection, dryRun: Bool
    ) async throws -> [JSONValue] {
        let answer = try await services.call(
            service, "config.apply", ["documents": .array(documents), "dryRun": .bool(dryRun)])
        let results = answer["results"]?.arrayValue ?? []
        for result in results where result["result"] == "failed" {
            let problems = (result["problems"]?.arrayValue ?? []).map {
                "\n  \($0["path"]?.stringValue ?? ""): \($0["message"]?.stringValue ?? "")"
            }
            throw CommandFailure(
                message: "\(result["kind"]?.stringValue ?? "") \(result["name"]?.stringValue ?? "") was refused"
                    + problems.joined())
        }
        guard results.count == documents.count else {
            throw CommandFailure(message: "\(service.rawValue) did not answer to every document")
        }
        return results
    }
}
