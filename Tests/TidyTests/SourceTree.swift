import Foundation

/// The files of the repository, as the rules read them.
struct SourceTree {
    struct File: Sendable, CustomStringConvertible {
        /// From the top of the repository.
        let path: String
        let lines: [String]
        var description: String { path }

        var module: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }
    }

    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Files with this ending below these folders, in the order of their paths.
    static func files(_ ending: String, below folders: String...) -> [File] {
        folders.flatMap { folder -> [File] in
            let base = root.appendingPathComponent(folder)
            guard let walker = FileManager.default.enumerator(atPath: base.path) else { return [] }
            return walker.compactMap { $0 as? String }.filter { $0.hasSuffix(ending) }.sorted().compactMap { name in
                let url = base.appendingPathComponent(name)
                guard let text = try? String(contentsOf: url, encoding: .utf8) else { return nil }
                return File(path: "\(folder)/\(name)", lines: text.components(separatedBy: "\n"))
            }
        }
    }

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }
}
