import Foundation
import Models

/// What a command wrote and ended with.
package struct CommandResult: Sendable {
    package let status: Int32
    package let output: String
    package let errors: String
}

extension SojournSuite {
    /// The folder `deploy/examples` of the repository.
    package var examples: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../../deploy/examples")
            .standardizedFileURL.path
    }

    /// Applies documents such as `{"event": {"name": …}}`, one kind after the other as they build on each other.
    ///
    /// - Returns: The result of each. One that is refused is thrown.
    @discardableResult
    package func apply(_ documents: [JSONValue], dryRun: Bool = false) async throws -> [JSONValue] {
        let kinds: [(String, SuiteService)] = [
            ("schema", .eventIngestion), ("event", .eventIngestion), ("inlet", .eventIngestion),
            ("dataSource", .dataSourceFetching), ("audience", .dataSourceFetching), ("action", .actionDispatch), ("profile", .dataSourceFetching),
            ("journey", .journeyExecution),
        ]
        var results: [JSONValue] = []
        for (kind, service) in kinds {
            let ofKind = documents.filter { $0[kind] != nil }
            if ofKind.isEmpty { continue }
            let answer = try await call(
                service, "config.apply", ["documents": .array(ofKind), "dryRun": .bool(dryRun)])
            results += answer["results"]?.arrayValue ?? []
        }
        let refused = results.filter { $0["result"] == "failed" }
        guard refused.isEmpty, results.count == documents.count else {
            throw TestKitError("Refused of \(documents.count) documents: \(JSONValue.array(refused).text)")
        }
        return results
    }

    /// Applies a folder by the command line tool, with the demo partners' usual port replaced.
    package func apply(folder: String, partnersPort: Int) async throws {
        let result = try await sojourn("apply", copy(of: folder, partnersPort: partnersPort))
        guard result.status == 0 else { throw TestKitError("sojourn apply: \(result.output)\(result.errors)") }
    }

    /// A copy of the folder in the suite's own, with the demo partners' usual port replaced.
    package func copy(of source: String, partnersPort: Int) throws -> String {
        let target = folder.file("documents-\(UUID().uuidString)")
        for name in FileManager.default.enumerator(atPath: source)?.compactMap({ $0 as? String }) ?? []
        where name.hasSuffix(".yaml") || name.hasSuffix(".json") {
            let text = try String(contentsOfFile: source + "/" + name, encoding: .utf8)
            let file = URL(fileURLWithPath: target + "/" + name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try text.replacing("127.0.0.1:7106", with: "127.0.0.1:\(partnersPort)")
                .write(to: file, atomically: true, encoding: .utf8)
        }
        return target
    }

    /// Runs the command line tool against this suite, with the admin key.
    package func sojourn(_ arguments: String...) async throws -> CommandResult {
        try await run(arguments)
    }

    /// As ``sojourn(_:)``.
    package func run(_ arguments: [String], within limit: Duration = .seconds(60)) async throws -> CommandResult {
        let files = (folder.file("output-\(UUID().uuidString)"), folder.file("errors-\(UUID().uuidString)"))
        var variables = environment
        variables["SOJOURN_KEY"] = adminKey
        let child = try ChildProcess(
            try SuiteService.executable(named: "sojourn"), arguments, environment: variables, output: files.0,
            errors: files.1)
        try await eventually(within: limit, "sojourn \(arguments.joined(separator: " ")) has ended") {
            !child.isRunning
        }
        let status = child.exitStatus ?? -1
        let read = { (path: String) in (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
        return CommandResult(status: status, output: read(files.0), errors: read(files.1))
    }
}
