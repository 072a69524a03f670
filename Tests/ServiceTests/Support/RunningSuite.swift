import TestKit
import Testing

/// Starts one whole suite for the tests of a `@Suite` and ends it after them: starting takes longer than most tests.
struct RunningSuite: SuiteTrait, TestScoping {
    let settings: SuiteSettings

    /// The suite that the test runs in.
    static var current: SojournSuite {
        get throws {
            guard let suite = Box.running else { throw TestKitError("This test is in no @Suite(.running).") }
            return suite
        }
    }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing tests: @Sendable () async throws -> Void
    ) async throws {
        let suite = try await SojournSuite.start(settings)
        try await Box.$running.withValue(suite) { try await tests() }
        await suite.close()
    }

    private enum Box {
        @TaskLocal static var running: SojournSuite?
    }
}

extension Trait where Self == RunningSuite {
    static var running: RunningSuite { RunningSuite(settings: SuiteSettings(logLevel: "debug")) }
}

/// Tests that share one running suite, each with definitions and people of its own.
@Suite("Over a running suite", .running, .serialized)
enum SharedSuite {}
