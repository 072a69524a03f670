import Foundation
import Models
import Yams

/// The kinds of documents, in the order in which they are applied. A document has one member, named by its kind:
/// `{"event": {"name": "orderPlaced", …}}`; beside a `journey` may stand `"publish": true`.
enum DocumentKind: String, CaseIterable {
    case schema, event, inlet, dataSource, audience, action, profile, journey, alert

    /// Its place in the order of application.
    var place: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    var service: ServiceName {
        switch self {
        case .schema, .event, .inlet: .eventIngestion
        case .dataSource, .audience, .profile: .dataSourceFetching
        case .action: .actionDispatch
        case .journey: .journeyExecution
        case .alert: .journeyReporting
        }
    }
}

/// Documents in files: YAML (several in one file, parted by `---`) or JSON.
enum DocumentFiles {
    typealias Found = (kind: DocumentKind, document: JSONValue)

    /// The documents of these files, and of every `.yaml`, `.yml` and `.json` below these folders; simulations, which
    /// stand beside their journeys but are no configuration, are passed over.
    static func read(_ paths: [String]) throws -> [Found] {
        try paths.flatMap(files).flatMap { path -> [Found] in
            guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
                throw CommandFailure(message: "\(path) cannot be read as UTF-8 text")
            }
            return try values(text, path: path).compactMap { value in
                if value["simulation"] != nil { return nil }
                guard let object = value.objectValue,
                    let kind = DocumentKind.allCases.first(where: { object.contains($0.rawValue) })
                else {
                    let kinds = DocumentKind.allCases.map(\.rawValue).joined(separator: ", ")
                    throw CommandFailure(message: "\(path): a document has one member named by its kind: \(kinds)")
                }
                return (kind, value)
            }
        }
    }

    /// The one document of a file, whatever it is.
    static func value(_ path: String) throws -> JSONValue {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw CommandFailure(message: "\(path) cannot be read as UTF-8 text")
        }
        guard let value = try values(text, path: path).first else {
            throw CommandFailure(message: "\(path) is empty")
        }
        return value
    }

    private static func files(_ path: String) throws -> [String] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw CommandFailure(message: "\(path) does not exist")
        }
        if !isFolder.boolValue { return [path] }
        let names = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
        return names.filter { name in [".yaml", ".yml", ".json"].contains { name.hasSuffix($0) } }
            .sorted().map { path + "/" + $0 }
    }

    private static func values(_ text: String, path: String) throws -> [JSONValue] {
        if path.hasSuffix(".json") {
            do {
                return [try JSONValue.parse(text)]
            } catch {
                throw CommandFailure(message: "\(path): \(error)")
            }
        }
        do {
            return try compose_all(yaml: text).map(json).filter { !$0.isNull }
        } catch {
            throw CommandFailure(message: "\(path): \(error)")
        }
    }

    /// A quoted scalar is a string; a plain one what YAML's core schema makes of it.
    private static func json(_ node: Node) -> JSONValue {
        switch node {
        case .sequence(let items): return .array(items.map(json))
        case .mapping(let pairs):
            return .object(JSONObject(pairs.map { ($0.key.string ?? "", json($0.value)) }))
        case .scalar(let scalar):
            guard scalar.style == .plain || scalar.style == .any else { return .string(scalar.string) }
            if let number = Int64(scalar.string) { return .integer(number) }
            if let value = try? JSONValue.parse(scalar.string), value.stringValue == nil { return value }
            return ["", "~", "null"].contains(scalar.string) ? .null : .string(scalar.string)
        case .alias: return .null
        }
    }

    /// Writes `DIR/<kind>s/<name>.json` and says where.
    static func write(_ document: JSONValue, below folder: String) throws -> String {
        guard let kind = DocumentKind.allCases.first(where: { document[$0.rawValue] != nil }),
            let content = document[kind.rawValue]
        else { throw CommandFailure(message: "the service exported a document of an unknown kind") }
        let name = content["name"]?.stringValue ?? content["id"]?.stringValue ?? "unnamed"
        let safe = name.map { $0.isLetter || $0.isNumber || "_-.".contains($0) ? $0 : "_" }
        let directory = "\(folder)/\(kind.rawValue)s"
        let path = "\(directory)/\(String(safe)).json"
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            try (document.prettyText + "\n").write(toFile: path, atomically: true, encoding: .utf8)
        } catch {
            throw CommandFailure(message: "\(path) cannot be written")
        }
        return path
    }
}
