import Foundation
import TestKit

/// What the machine allows at this moment: Redis and HTTP with nothing of ours between.
struct Limits {
    /// Nil with the reason where the program is not installed.
    enum Limit {
        case perSecond(Double)
        case skipped(String)
    }

    let push: Limit
    let post: Limit

    static func measure(_ options: BenchOptions) async throws -> Limits {
        say("measuring what Redis and nginx do alone")
        return Limits(push: try await redisPushes(options.fsync), post: try await nginxPosts())
    }

    func add(to report: inout Report, journeysPerSecond: Double) {
        for (name, limit) in [
            ("redis-benchmark RPUSH 600 B, 256 clients", push), ("nginx POST by wrk, 64 connections", post),
        ] {
            switch limit {
            case .perSecond(let rate):
                report.add("\(name), /s", Figure.whole(rate), ratio: Figure.fraction(journeysPerSecond / rate))
            case .skipped(let reason): report.add(name, "skipped", target: reason)
            }
        }
    }

    private static func redisPushes(_ fsync: String) async throws -> Limit {
        guard let tool = Tool.path("redis-benchmark") else { return .skipped("redis-benchmark is not installed") }
        let folder = try TemporaryFolder()
        let port = try freePort()
        let server = try RedisFile.start(in: folder, port: port, fsync: fsync, password: nil)
        defer { server.end() }
        try await RedisFile.waitUntilReady(port: port)
        let output = try await Tool.output(
            tool, ["-p", "\(port)", "-t", "rpush", "-n", "200000", "-c", "256", "-d", "600", "--csv"])
        // "RPUSH","52341.00",…
        let line = output.split(separator: "\n").first { $0.hasPrefix("\"RPUSH\"") }
        guard let text = line?.split(separator: "\"").dropFirst(2).first, let rate = Double(text) else {
            return .skipped("redis-benchmark said nothing of RPUSH")
        }
        return .perSecond(rate)
    }

    private static func nginxPosts() async throws -> Limit {
        guard let nginx = Tool.path("nginx") else { return .skipped("nginx is not installed") }
        guard let wrk = Tool.path("wrk") else { return .skipped("wrk is not installed") }
        let folder = try TemporaryFolder()
        let port = try freePort()
        let settings = """
            daemon off; master_process off; worker_processes 1; pid \(folder.path)/nginx.pid;
            error_log \(folder.path)/error.log;
            events { worker_connections 1024; }
            http { access_log off; keepalive_requests 1000000000; client_body_temp_path \(folder.path)/body;
              proxy_temp_path \(folder.path)/proxy; fastcgi_temp_path \(folder.path)/fastcgi;
              uwsgi_temp_path \(folder.path)/uwsgi; scgi_temp_path \(folder.path)/scgi;
              server { listen 127.0.0.1:\(port); location / { return 200; } } }
            """
        try settings.write(toFile: folder.file("nginx.conf"), atomically: true, encoding: .utf8)
        let event = String(decoding: StandardJourney.eventBody(person: 1, run: "limit"), as: UTF8.self)
        let script =
            "wrk.method = \"POST\"\nwrk.body = [[\(event)]]\nwrk.headers[\"Content-Type\"] = \"application/json\"\n"
        try script.write(toFile: folder.file("post.lua"), atomically: true, encoding: .utf8)
        let server = try ChildProcess(nginx, ["-c", folder.file("nginx.conf")], output: folder.file("nginx.log"))
        defer { server.end() }
        try await RedisFile.waitUntilReady(port: port)
        let output = try await Tool.output(
            wrk, ["-t1", "-c64", "-d3s", "-s", folder.file("post.lua"), "http://127.0.0.1:\(port)/"])
        let line = output.split(separator: "\n").first { $0.hasPrefix("Requests/sec:") }
        guard let text = line?.split(separator: " ").last, let rate = Double(text) else {
            return .skipped("wrk said nothing of its rate")
        }
        return .perSecond(rate)
    }
}
