import Foundation
import HTTPClient
import Logging
import Testing

private let openssl = "/usr/bin/openssl"

/// Against `openssl s_server`; where that program is missing there is no TLS server to test with.
@Suite("Certificates", .timeLimit(.minutes(1)), .enabled(if: FileManager.default.isExecutableFile(atPath: openssl)))
struct CertificateTests {
    @Test("A certificate that nobody vouches for is not accepted")
    func selfSigned() async throws {
        try await withServer { url, _ in
            let client = try client(trusting: nil)
            let error = await failure(of: HTTPRequest(.get, url), by: client)
            #expect(error?.code == .tls)
            #expect(error?.retry == .safe)
            await client.close()
        }
    }

    @Test("A certificate in the deployment's file is accepted, for its own name only")
    func trusted() async throws {
        try await withServer { url, certificate in
            let client = try client(trusting: certificate)
            #expect(await status(of: HTTPRequest(.get, url), by: client) == 200)
            let otherName = url.replacingOccurrences(of: "127.0.0.1", with: "localhost")
            #expect(await failure(of: HTTPRequest(.get, otherName), by: client)?.code == .tls)
            await client.close()
        }
    }

    private func client(trusting certificate: String?) throws -> OutboundClient {
        var settings = OutboundClientSettings()
        settings.certificateFile = certificate
        return try OutboundClient(
            settings: settings, policy: AddressPolicy(allow: ["127.0.0.0/8"]), logger: Logger(label: "test"))
    }

    private func withServer(_ test: (_ url: String, _ certificate: String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "certificate-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let key = folder.appending(path: "key.pem").path
        let certificate = folder.appending(path: "certificate.pem").path
        let maker = try run([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-keyout",
            key, "-out", certificate, "-subj", "/CN=peer", "-addext", "subjectAltName=IP:127.0.0.1",
        ])
        maker.process.waitUntilExit()
        try #require(maker.process.terminationStatus == 0)
        let server = try run(["s_server", "-accept", "127.0.0.1:0", "-key", key, "-cert", certificate, "-www"])
        defer {
            // The threads of tasks block SIGTERM, and a child inherits that.
            kill(server.process.processIdentifier, SIGKILL)
            server.process.waitUntilExit()
        }
        let port = try #require(acceptedPort(server.output))
        try await test("https://127.0.0.1:\(port)/", certificate)
    }

    private func run(_ arguments: [String]) throws -> (process: Process, output: FileHandle) {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: openssl)
        process.arguments = arguments
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        return (process, output.fileHandleForReading)
    }

    /// The server says `ACCEPT 127.0.0.1:40123` when it listens.
    private func acceptedPort(_ output: FileHandle) -> Int? {
        var text = ""
        while !text.contains("ACCEPT") || !text.hasSuffix("\n") {
            let piece = output.availableData
            guard !piece.isEmpty else { return nil }
            text += String(decoding: piece, as: UTF8.self)
        }
        return text.split(separator: "\n").last { $0.contains("ACCEPT") }
            .flatMap { $0.split(separator: ":").last }.flatMap { Int($0) }
    }
}
