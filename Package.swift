// swift-tools-version:6.2
import PackageDescription

/// Every Swift target is in Swift 6 mode, where data races are errors, and treats warnings as errors.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// A library of `Shared`: one folder, one module.
func shared(
    _ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource]? = nil
) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Shared/\(name)", resources: resources, swiftSettings: strict)
}

/// An executable of `Services`. It allocates with jemalloc: services run for months on several threads with many small
/// pieces, where glibc's allocator takes a tenth more of their time and gives less back.
func service(
    _ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil
) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: "Services/\(name)", resources: resources, swiftSettings: strict,
        linkerSettings: [.linkedLibrary("jemalloc")])
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, path: "Tests/\(name)", resources: resources, swiftSettings: strict)
}

let log = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")

/// What every service starts with.
let everyService: [Target.Dependency] = [
    "Models", "Redis", "Queues", "JSONRPC", "Definitions", "ServiceKit", log, lifecycle, metrics, hummingbird,
]

let package = Package(
    name: "sojourn",
    platforms: [.macOS(.v26)],
    products: [
        .executable(name: "event-ingestion", targets: ["EventIngestion"]),
        .executable(name: "data-source-fetching", targets: ["DataSourceFetching"]),
        .executable(name: "journey-execution", targets: ["JourneyExecution"]),
        .executable(name: "action-dispatch", targets: ["ActionDispatch"]),
        .executable(name: "journey-reporting", targets: ["JourneyReporting"]),
        .executable(name: "console", targets: ["Console"]),
        .executable(name: "sojourn", targets: ["SojournCLI"]),
        .executable(name: "demo-partners", targets: ["DemoPartners"]),
        .executable(name: "sojourn-bench", targets: ["Benchmarks"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(
            url: "https://github.com/apple/swift-configuration", from: "1.4.0",
            traits: [.defaults, "CommandLineArguments", "YAML"]),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        // C libraries, with the little that Swift cannot call.
        .target(
            name: "CHiredis", path: "Shared/CHiredis", linkerSettings: [.linkedLibrary("hiredis")]),
        .target(name: "CCurl", path: "Shared/CCurl", linkerSettings: [.linkedLibrary("curl")]),
        .target(name: "CZlib", path: "Shared/CZlib", linkerSettings: [.linkedLibrary("z")]),
        .target(name: "CRE2", path: "Shared/CRE2", linkerSettings: [.linkedLibrary("re2")]),

        // Shared: lower rows never import upper ones (Tests/TidyTests holds the table).
        shared("Models"),
        shared("JSONSchema", ["Models"]),
        shared("Expressions", ["CRE2", "Models", crypto]),
        shared("Engine", ["Models", "Expressions"]),
        shared("Audiences", ["Models", "Expressions"]),
        shared("Simulation", ["Models", "Expressions", "Engine", "Audiences", heap]),
        shared("Threads"),
        shared("Redis", ["CHiredis", "Models", "Threads", log, deque]),
        shared("HTTPClient", ["CCurl", "Models", "Threads", log, deque]),
        shared("Queues", ["Models", "Redis", log, lifecycle], resources: [.embedInCode("Scripts")]),
        shared(
            "JSONRPC",
            [
                "CZlib", "Models", log, lifecycle, hummingbird,
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ]),
        shared(
            "Definitions", ["Models", "Redis", "Queues", "JSONRPC", log, lifecycle],
            resources: [.embedInCode("Scripts")]),
        shared(
            "ServiceKit",
            [
                "Models", "Redis", "Queues", "JSONRPC", "Definitions", log, lifecycle, metrics, crypto,
                configuration, .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]),

        shared("LiveVersions", ["Models", "Expressions", "Engine", "Audiences", "Definitions"]),
        shared("Outbound", ["Models", "Expressions", "HTTPClient", "Definitions", metrics]),

        // Services: one process each.
        service("EventIngestion", everyService + ["Expressions", "JSONSchema", "LiveVersions"]),
        service(
            "DataSourceFetching",
            everyService + ["Expressions", "Audiences", "JSONSchema", "HTTPClient", "Outbound", "LiveVersions"]),
        service(
            "JourneyExecution",
            everyService + [
                "Expressions", "Audiences", "Engine", "Simulation", "JSONSchema", "HTTPClient", "LiveVersions",
            ]),
        service("ActionDispatch", everyService + ["HTTPClient", "Outbound", "LiveVersions"]),
        service(
            "JourneyReporting",
            everyService + ["Expressions", "HTTPClient", crypto, .product(name: "GRDB", package: "GRDB.swift")]),
        service("Console", everyService + ["HTTPClient", crypto], resources: [.copy("Web")]),
        service("SojournCLI", ["Models", "Expressions", "Engine", "Simulation", "HTTPClient", arguments, yams]),
        service(
            "DemoPartners",
            [
                "Models", "JSONRPC", log, lifecycle, deque,
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
            ]),

        // Tests: one target per library, then by kind.
        tests("ModelsTests", ["Models"]),
        tests("JSONSchemaTests", ["Models", "JSONSchema"]),
        tests("ExpressionsTests", ["Models", "Expressions", "JSONSchema"]),
        tests("AudiencesTests", ["Models", "Expressions", "Audiences"]),
        tests("SimulationTests", ["Models", "Simulation"]),
        tests("EngineTests", ["Models", "Expressions", "Engine"], resources: [.copy("Histories")]),
        tests("RedisTests", ["Models", "Redis", "TestKit", log]),
        tests("HTTPClientTests", ["Models", "HTTPClient", "TestKit", log]),
        tests("QueuesTests", ["Models", "Redis", "Queues", "TestKit", log, lifecycle]),
        tests("DefinitionsTests", ["Models", "Redis", "Queues", "JSONRPC", "Definitions", "TestKit", log]),
        tests(
            "LiveVersionsTests",
            ["Models", "Expressions", "Engine", "Audiences", "Definitions", "LiveVersions"]),
        tests(
            "JSONRPCTests",
            ["Models", "JSONRPC", log, lifecycle, .product(name: "NIOCore", package: "swift-nio")]),
        tests(
            "ServiceKitTests",
            [
                "Models", "Redis", "Queues", "ServiceKit", "JSONRPC", "TestKit", log, lifecycle, metrics, crypto,
                .product(name: "JWTKit", package: "jwt-kit"),
            ]),
        tests(
            "DemoPartnersTests",
            [
                "Models", "JSONRPC", "HTTPClient", "DemoPartners", log, lifecycle,
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        tests(
            "DataSourceFetchingTests",
            [
                "Models", "Redis", "Queues", "JSONRPC", "Definitions", "HTTPClient", "Outbound", "DataSourceFetching",
                "TestKit", log, lifecycle,
            ]),
        tests(
            "ConsoleTests", ["Console", "Models", "Redis", "JSONRPC", "HTTPClient", "ServiceKit", "TestKit", log]),
        tests(
            "JourneyExecutionTests",
            [
                "Models", "Expressions", "Audiences", "Engine", "Simulation", "Redis", "Queues", "JSONRPC",
                "Definitions", "JourneyExecution", "TestKit", log, lifecycle,
            ]),
        tests(
            "ActionDispatchTests",
            [
                "Models", "Redis", "Queues", "Definitions", "HTTPClient", "Outbound", "ActionDispatch", "TestKit", log,
            ]),
        tests(
            "EventIngestionTests",
            ["Models", "Redis", "Queues", "Definitions", "EventIngestion", "TestKit", log, lifecycle]),
        tests(
            "JourneyReportingTests",
            [
                "Models", "Redis", "Queues", "HTTPClient", "Definitions", "JourneyReporting", "TestKit", log, lifecycle,
                .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        tests("TidyTests", []),
        tests("ServiceTests", ["Models", "Redis", "HTTPClient", "TestKit", log]),
        tests("FaultTests", ["Models", "Expressions", "Redis", "HTTPClient", "TestKit", log]),
        /// What the tests that start processes share: a real redis-server, the services, a small HTTP peer, a proxy.
        .target(
            name: "TestKit", dependencies: ["Models", "Threads", "Redis", "HTTPClient", log], path: "Tests/TestKit",
            swiftSettings: strict),
        .executableTarget(
            name: "Benchmarks",
            dependencies: [
                "CCurl", "Models", "Expressions", "Engine", "Simulation", "HTTPClient", "Queues", "Redis", "TestKit",
                log,
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ],
            path: "Tests/Benchmarks", swiftSettings: strict),
    ],
    cxxLanguageStandard: .cxx17
)
