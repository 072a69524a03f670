import Dispatch
import Glibc
import Models

/// One HTTP request to this machine, over a connection of its own.
enum LocalRequest {
    struct Answer: Sendable {
        let status: Int
        let body: String
        var json: JSONValue? { try? JSONValue.parse(body) }
    }

    enum Failure: Error {
        case cannotConnect
    }

    static func get(_ port: Int, _ path: String, key: String? = nil) async throws -> Answer {
        try await send(port, "GET \(path) HTTP/1.1\r\n\(authorization(key))Host: t\r\nConnection: close\r\n\r\n")
    }

    static func call(_ port: Int, _ method: String, _ params: JSONValue = [:], key: String? = nil) async throws
        -> Answer
    {
        let body = JSONValue.object(["jsonrpc": "2.0", "id": 1, "method": .string(method), "params": params]).text
        return try await send(
            port,
            "POST /rpc HTTP/1.1\r\n\(authorization(key))Host: t\r\nConnection: close\r\n"
                + "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    private static func authorization(_ key: String?) -> String { key.map { "Authorization: Bearer \($0)\r\n" } ?? "" }

    /// Blocks a thread of its own: Swift's few are needed by the server.
    private static func send(_ port: Int, _ request: String) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result { try exchange(port, request) }) }
        }
    }

    private static func exchange(_ port: Int, _ request: String) throws -> Answer {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw Failure.cannotConnect }
        _ = Array(request.utf8).withUnsafeBytes {
            Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count <= 0 { break }
            bytes += buffer[..<count]
        }
        let text = String(decoding: bytes, as: UTF8.self)
        let status = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        let body = text.firstRange(of: "\r\n\r\n").map { String(text[$0.upperBound...]) } ?? ""
        return Answer(status: status, body: body)
    }
}
