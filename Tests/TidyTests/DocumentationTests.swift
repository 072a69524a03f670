import Foundation
import Testing

@Suite("The documents are true")
struct DocumentationTests {
    static let documents = SourceTree.files(".md", below: "deploy")
        + ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"].compactMap { name in
            (try? SourceTree.text(name)).map { SourceTree.File(path: name, lines: $0.components(separatedBy: "\n")) }
        }

    @Test("Every link to a file of the repository resolves", arguments: documents)
    func links(document: SourceTree.File) {
        let folder = SourceTree.root.appendingPathComponent(document.path).deletingLastPathComponent()
        for (number, line) in document.lines.enumerated() {
            for match in line.matches(of: /\]\(([^)#:]+)(#[^)]*)?\)/) {
                let target = folder.appendingPathComponent(String(match.output.1)).path
                #expect(
                    FileManager.default.fileExists(atPath: target),
                    "\(document.path):\(number + 1) links to \(match.output.1)")
            }
        }
    }

    @Test("Every command of the documents is a file of deploy that can be run", arguments: documents)
    func commands(document: SourceTree.File) {
        for (number, line) in document.lines.enumerated() {
            for match in line.matches(of: /(?:^|[\s`])(deploy\/(?:run|test|bench|fault-test|scenario))\b/) {
                let path = SourceTree.root.appendingPathComponent(String(match.output.1)).path
                #expect(
                    FileManager.default.isExecutableFile(atPath: path),
                    "\(document.path):\(number + 1) names \(match.output.1)")
            }
        }
    }

    @Test("The top level is what it is said to be")
    func topLevel() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: SourceTree.root.path)
            .filter { !$0.hasPrefix(".") && $0 != "Package.resolved" }
        let expected: Set = [
            "Package.swift", "Services", "Shared", "Tests", "deploy", "README.md", "ARCHITECTURE.md",
            "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE",
        ]
        #expect(Set(names) == expected)
    }
}
