import Foundation

/// A folder of its own for a test, removed when nobody holds it any more.
package final class TemporaryFolder: Sendable {
    /// Short, since the path of a Unix socket has at most 107 bytes.
    package let path: String

    package init() throws {
        path = try "/tmp/sojourn-test-XXXXXX".withCString { template in
            guard let copy = strdup(template) else { throw TestKitError("No memory is left.") }
            defer { free(copy) }
            guard let made = mkdtemp(copy) else { throw TestKitError("No temporary folder can be made.") }
            return String(cString: made)
        }
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    package func file(_ name: String) -> String {
        "\(path)/\(name)"
    }
}
