import ArgumentParser
import Expressions
import Foundation
import Models

/// `sojourn functions [NAME] [--group GROUP]`: the functions of the language of expressions, without asking a service.
struct FunctionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "functions", abstract: "Lists the functions of expressions, or explains one.")

    @Argument(help: "A function; or a part of a name, for all that have it.") var name: String?
    @Option(help: "Only a group: \(FunctionEntry.Group.allCases.map(\.rawValue).joined(separator: ", ")).")
    var group: String?
    @Flag(help: "Print JSON.") var json = false
    @Option(help: ArgumentHelp("Write the tables into the page behind its mark.", visibility: .hidden)) var page:
        String?

    func validate() throws {
        if let group, FunctionEntry.Group(rawValue: group) == nil {
            let known = FunctionEntry.Group.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("There is no group \(group); there are \(known).")
        }
    }

    func run() throws {
        if let page { return try renew(page) }
        if let name, let entry = FunctionTable.named(name) {
            print(json ? entry.json.text : Self.explanation(of: entry))
            return
        }
        let entries = FunctionTable.all.filter { entry in
            (group == nil || entry.group.rawValue == group)
                && (name.map { entry.name.lowercased().contains($0.lowercased()) } ?? true)
        }
        if entries.isEmpty {
            let near = name.flatMap { FunctionTable.nearest(to: $0) }.map { "; do you mean \($0)?" } ?? ""
            throw CommandFailure(message: "there is no function \(name ?? "of this group")\(near)")
        }
        if json {
            print(JSONValue.array(entries.map(\.json)).text)
            return
        }
        var table = TextTable("FUNCTION", "GROUP", "WHAT IT GIVES")
        for entry in entries { table.add(entry.name, entry.group.rawValue, entry.summary) }
        print(table.text)
    }

    private static func explanation(of entry: FunctionEntry) -> String {
        let example = entry.example + (entry.result.map { "\n    gives \($0)" } ?? "")
        return """
            \(entry.summary)

            \(entry.signatures.map { "    " + $0 }.joined(separator: "\n"))

            Example:
                \(example)
            """
    }

    private func renew(_ path: String) throws {
        let url = URL(fileURLWithPath: path)
        let text: String
        do {
            text = try String(contentsOf: url, encoding: .utf8)
        } catch {
            throw CommandFailure(message: "\(path) cannot be read")
        }
        guard let renewed = FunctionPage.renewed(text) else {
            throw CommandFailure(message: "\(path) has no line \(FunctionPage.mark)")
        }
        do {
            try renewed.write(to: url, atomically: true, encoding: .utf8)
        } catch {
            throw CommandFailure(message: "\(path) cannot be written")
        }
    }
}
