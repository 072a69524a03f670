import Foundation
import TestKit

/// Programs of the system that measure something.
enum Tool {
    /// Where it is installed, if it is.
    static func path(_ name: String) -> String? {
        let folders = (ProcessVariables.all["PATH"] ?? "/usr/bin:/bin").split(separator: ":").map(String.init)
        return (folders + ["/usr/sbin"]).map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }

    /// Runs it to its end, and gives what it wrote.
    static func output(_ path: String, _ arguments: [String]) async throws -> String {
        let folder = try TemporaryFolder()
        let file = folder.file("output")
        let process = try ChildProcess(path, arguments, output: file)
        defer { process.end() }
        try await eventually(within: .seconds(120), "\(path) has ended") { !process.isRunning }
        return try String(contentsOfFile: file, encoding: .utf8)
    }
}
