import Foundation

/// A file system of a few mebibytes in memory, which a test can fill. It is unmounted when nobody holds it any more.
package final class SmallDisk: Sendable {
    /// Whether this machine lets the tests mount one: they must be root, and not in a container that forbids it.
    package static let isPossible: Bool = {
        guard geteuid() == 0, let folder = try? TemporaryFolder() else { return false }
        guard (try? run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder.path])) == 0 else { return false }
        return (try? run(["umount", folder.path])) == 0
    }()

    private let folder: TemporaryFolder

    package init(mebibytes: Int) throws {
        folder = try TemporaryFolder()
        let status = try Self.run(["mount", "-t", "tmpfs", "-o", "size=\(mebibytes)m", "tmpfs", folder.path])
        guard status == 0 else { throw TestKitError("No small disk can be mounted.") }
    }

    deinit {
        // Also while a process that is just ending still has a file open there.
        _ = try? Self.run(["umount", "--lazy", folder.path])
    }

    package var path: String { folder.path }

    /// Writes until nothing more goes in.
    package func fill() {
        guard let file = fopen(filler, "a") else { return }
        setvbuf(file, nil, _IONBF, 0)
        let piece = [UInt8](repeating: 0, count: 4_096)
        while fwrite(piece, 1, piece.count, file) == piece.count {}
        // The last bytes of the last page, too.
        while fwrite(piece, 1, 1, file) == 1 {}
        fclose(file)
    }

    /// Takes away what ``fill()`` wrote.
    package func clear() { unlink(filler) }

    private var filler: String { folder.file("filler") }

    private static func run(_ words: [String]) throws -> Int32 {
        let child = try ChildProcess("/usr/bin/env", words)
        let deadline = ContinuousClock.now + .seconds(10)
        while child.isRunning && ContinuousClock.now < deadline { usleep(2_000) }
        return child.exitStatus ?? -1
    }
}
