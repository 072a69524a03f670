import Testing

@testable import DemoPartners

@Suite("Command line of the demo partners")
struct OptionsTests {
    @Test("Defaults hold where nothing is said")
    func defaults() throws {
        let options = try Options([])
        #expect(options.wish == .serve)
        #expect(options.host == "127.0.0.1")
        #expect(options.port == 7106)
        #expect(options.mailPort == nil)
    }

    @Test("Both ways to write a value are read")
    func values() throws {
        let options = try Options(["--host=0.0.0.0", "--port", "8080", "--smtp-port=2525"])
        #expect(options.host == "0.0.0.0")
        #expect(options.port == 8080)
        #expect(options.mailPort == 2525)
        #expect(try Options(["--help"]).wish == .help)
        #expect(try Options(["--version"]).wish == .version)
    }

    @Test(
        "What cannot be followed is said",
        arguments: [
            ["--port"], ["--port", "x"], ["--port=70000"], ["--smtp-port", "-1"], ["--wrong"], ["stray"], ["--host="],
        ])
    func mistakes(_ arguments: [String]) {
        let mistake = #expect(throws: Options.Mistake.self) { try Options(arguments) }
        #expect(mistake?.sentence.hasPrefix("demo-partners: ") == true)
    }
}
