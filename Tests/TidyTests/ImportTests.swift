import Foundation
import Testing

@Suite("The table of imports")
struct ImportTests {
    /// What each library of `Shared` may import of the others: lower rows never import upper ones.
    static let allowed: [String: Set<String>] = [
        "Models": [],
        "JSONSchema": ["Models"],
        "Expressions": ["Models", "CRE2"],
        "Engine": ["Models", "Expressions"],
        "Audiences": ["Models", "Expressions"],
        "Simulation": ["Models", "Expressions", "Engine", "Audiences"],
        "Threads": [],
        "Redis": ["Models", "Threads", "CHiredis"],
        "HTTPClient": ["Models", "Threads", "CCurl"],
        "Queues": ["Models", "Redis"],
        "JSONRPC": ["Models", "CZlib"],
        "Definitions": ["Models", "Redis", "Queues", "JSONRPC"],
        "LiveVersions": ["Models", "Expressions", "Engine", "Audiences", "Definitions"],
        "Outbound": ["Models", "Expressions", "HTTPClient", "Definitions"],
        "ServiceKit": ["Models", "Redis", "Queues", "JSONRPC", "Definitions"],
    ]
    static let libraries = Set(allowed.keys).union(["CHiredis", "CCurl", "CRE2", "CZlib"])
    static let services: Set<String> = [
        "EventIngestion", "DataSourceFetching", "JourneyExecution", "ActionDispatch", "JourneyReporting", "Console",
        "SojournCLI", "DemoPartners",
    ]
    /// Pure libraries do no I/O, so nothing that does it may be imported there. CRE2 (matching of patterns) and Crypto
    /// (sha256) only compute: the same input gives the same output, in bounded time, so Expressions may use them.
    static let pure: Set<String> = ["Models", "JSONSchema", "Expressions", "Engine", "Audiences", "Simulation"]
    static let inputOutput: Set<String> = [
        "NIOCore", "NIOPosix", "Hummingbird", "GRDB", "Dispatch", "Glibc", "Threads", "CHiredis", "CCurl", "CZlib",
        "Redis", "HTTPClient", "Queues", "ServiceKit", "JSONRPC",
    ]

    static func imports(of file: SourceTree.File) -> [String] {
        file.lines.compactMap { line in
            let words = line.split(separator: " ").filter { !$0.hasPrefix("@") && $0 != "package" && $0 != "internal" }
            guard words.first == "import", let name = words.last else { return nil }
            return String(name.split(separator: ".").first ?? "")
        }
    }

    @Test("Every library imports only what stands below it", arguments: SourceTree.files(".swift", below: "Shared"))
    func sharedImports(file: SourceTree.File) throws {
        let allowed = try #require(Self.allowed[file.module], "a new library needs its row in the table")
        let sojourn = Self.imports(of: file).filter { Self.libraries.contains($0) || Self.services.contains($0) }
        #expect(Set(sojourn).subtracting(allowed).isEmpty)
        if Self.pure.contains(file.module) {
            #expect(Self.inputOutput.isDisjoint(with: Self.imports(of: file)), "a pure library does no I/O")
        }
    }

    @Test("No service imports another", arguments: SourceTree.files(".swift", below: "Services"))
    func serviceImports(file: SourceTree.File) {
        #expect(Self.services.isDisjoint(with: Self.imports(of: file)))
    }
}
