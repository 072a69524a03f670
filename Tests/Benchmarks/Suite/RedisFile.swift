import Foundation
import TestKit

/// A redis-server with the settings that `deploy/run` gives it.
enum RedisFile {
    /// Where `deploy/redis.conf` is: `deploy/bench` runs in the repository's folder.
    private static let shipped = "deploy/redis.conf"

    static func start(
        in folder: TemporaryFolder, port: Int, fsync: String, password: String?
    ) throws -> ChildProcess {
        var text = try String(contentsOfFile: shipped, encoding: .utf8)
        text += "\nbind 127.0.0.1\nport \(port)\ndir \"\(folder.path)\"\nappendfsync \(fsync)\npidfile \"\"\n"
        text += "unixsocket \"\(socketPath(in: folder))\"\n"
        if let password { text += "requirepass \(password)\n" }
        let file = folder.file("redis.conf")
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        return try ChildProcess("redis-server", [file], output: folder.file("redis.log"))
    }

    static func socketPath(in folder: TemporaryFolder) -> String { folder.file("redis.sock") }

    static func waitUntilReady(port: Int) async throws {
        try await eventually(within: .seconds(20), "redis-server answers") {
            let socket = Connection.open(port: port)
            if socket >= 0 { Connection.close(socket) }
            return socket >= 0
        }
    }
}
