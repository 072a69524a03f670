import Foundation
import Models

@testable import JSONSchema

/// The public JSON-Schema-Test-Suite, read from the folder of Debian's package `json-schema-test-suite`, or from the one
/// that the environment names. Debian's present version ends at draft 7, so its cases are put into the words of
/// 2020-12 first; a version with cases for 2020-12 is taken as it is.
enum PublicSuite {
    static let folder = ProcessInfo.processInfo.environment["JSON_SCHEMA_TEST_SUITE"]
        ?? "/usr/share/json-schema-test-suite"

    /// The cases at hand: of 2020-12, or of draft 7.
    static let tests: String? = ["draft2020-12", "draft7"].map { "\(folder)/tests/\($0)" }
        .first { FileManager.default.fileExists(atPath: $0) }

    static var isThere: Bool { tests != nil }
    static var isDraft7: Bool { tests?.hasSuffix("draft7") == true }

    static let required = files(in: "")
    static let optional = files(in: "optional/") + files(in: "optional/format/")

    private static func files(in part: String) -> [String] {
        guard let tests else { return [] }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(tests)/\(part)")) ?? []
        return names.filter { $0.hasSuffix(".json") }.sorted().map { part + $0 }
    }

    struct Group {
        let description: String
        let schema: JSONValue
        let tests: [(description: String, data: JSONValue, isValid: Bool)]
    }

    static func groups(of file: String) throws -> [Group] {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(tests ?? "")/\(file)")))
        return (try JSONValue.parse(bytes).arrayValue ?? []).map { group in
            let isMetaschema = group["schema"]?["$ref"]?.stringValue?.contains("json-schema.org") == true
            return Group(
                description: group["description"]?.stringValue ?? "",
                schema: isDraft7 ? Draft7.translated(group["schema"] ?? .null) : group["schema"] ?? .null,
                tests: (group["tests"]?.arrayValue ?? []).map { test in
                    let data = test["data"] ?? .null
                    return (
                        description: test["description"]?.stringValue ?? "",
                        data: isDraft7 && isMetaschema ? Draft7.translated(data) : data,
                        isValid: test["valid"]?.boolValue ?? false
                    )
                })
        }
    }

    struct Result {
        var passed = 0
        var excluded = 0
        var failures: [String] = []
    }

    /// Runs a file's cases but the excluded ones, each with both ways to ask.
    static func run(_ file: String, _ exclusions: [Exclusion]) throws -> Result {
        var result = Result()
        let own = exclusions.filter { $0.file == file }
        for group in try groups(of: file) {
            let compiled = Swift.Result { () throws(SchemaError) in try CompiledSchema(group.schema) }
            for test in group.tests {
                let name = "\(group.description): \(test.description)"
                if own.contains(where: { $0.covers(group.description, test.description) }) {
                    result.excluded += 1
                    continue
                }
                switch compiled {
                case .failure(let error): result.failures.append("\(name): \(error)")
                case .success(let schema):
                    let isRight = schema.isValid(test.data) == test.isValid
                        && schema.validate(test.data).isEmpty == test.isValid
                    if isRight { result.passed += 1 } else { result.failures.append(name) }
                }
            }
        }
        return result
    }
}

/// Cases that are not held, and why.
struct Exclusion: Sendable {
    let file: String
    /// A part of the group's or case's name; nil for the whole file.
    let part: String?
    let reason: String

    init(_ file: String, _ part: String? = nil, _ reason: String) {
        self.file = file
        self.part = part
        self.reason = reason
    }

    func covers(_ group: String, _ test: String) -> Bool {
        guard let part else { return true }
        return group.contains(part) || test.contains(part)
    }
}
