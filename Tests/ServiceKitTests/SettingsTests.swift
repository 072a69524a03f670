import Testing

@testable import ServiceKit

enum Colour: String, CaseIterable, Sendable {
    case red, green
}

enum ExampleSettings {
    static let port = CommonSettings.port(default: 7_101)
    static let inboxMax = Setting.integer(
        "inbox-max", in: 1...1_000, unit: "elements", default: 20, "Length of an inbox at which events are refused.")
    static let window = Setting.duration(
        "duplicate-window", in: .seconds(1) ... .seconds(86_400), default: .seconds(60), "How long a repeat counts.")
    static let allow = Setting.list("allow-outbound", name: "HOST:PORT", "Addresses that may be called.")
    static let colour = Setting.choice("colour", default: Colour.red, "A choice.")
    static let store = Setting.optionalText("store", name: "FILE", "A file.")
    static let note = Setting.text("note", default: "none", "A text.")
    static let fast = Setting.flag("fast", "A flag.")
    static let share = Setting.number("share", in: 0...1, default: 0.5, "A number.")
    static let all: [any DeclaredSetting] = [
        CommonSettings.config, port, inboxMax, window, allow, colour, store, note, fast, share,
    ]
}

@Suite struct SettingsTests {
    typealias Example = ExampleSettings

    func read(
        _ arguments: [String] = [], _ environment: [String: String] = [:], files: [String: String] = [:]
    ) throws(SettingsError) -> Settings {
        try SettingsReader(declared: Example.all).read(arguments: arguments, environment: environment) {
            path throws(SettingsError) in
            guard let text = files[path] else { throw SettingsError("The file \(path) cannot be read.") }
            return Array(text.utf8)
        }
    }

    @Test("Without anything set the defaults hold")
    func defaults() throws {
        let settings = try read()
        #expect(settings[Example.port] == 7_101)
        #expect(settings[Example.inboxMax] == 20)
        #expect(settings[Example.window] == .seconds(60))
        #expect(settings[Example.allow] == [])
        #expect(settings[Example.colour] == .red)
        #expect(settings[Example.store] == nil)
        #expect(settings[Example.note] == "none")
        #expect(settings[Example.fast] == false)
        #expect(settings[Example.share] == 0.5)
        #expect(!settings.isSet(Example.port))
    }

    @Test("The command line goes before the environment, that before the file, that before the default")
    func precedence() throws {
        let files = ["s.json": #"{"inbox-max": 3, "colour": "green", "note": "file", "share": 0.25}"#]
        let environment = ["SOJOURN_CONFIG": "s.json", "SOJOURN_INBOX_MAX": "2", "SOJOURN_COLOUR": "red"]
        let settings = try read(["--inbox-max", "1"], environment, files: files)
        #expect(settings[Example.inboxMax] == 1)
        #expect(settings[Example.colour] == .red)
        #expect(settings[Example.note] == "file")
        #expect(settings[Example.share] == 0.25)
        #expect(settings[Example.port] == 7_101)
    }

    @Test("A file is JSON or YAML, with values of their own types")
    func files() throws {
        let yaml = "inbox-max: 5\nfast: true\nduplicate-window: 5m\nallow-outbound:\n  - a:1\n  - b:2\n"
        let json = #"{"inbox-max": 5, "fast": true, "duplicate-window": "5m", "allow-outbound": ["a:1", "b:2"]}"#
        for (path, text) in [("s.yaml", yaml), ("s.json", json)] {
            let settings = try read(["--config", path], files: [path: text])
            #expect(settings[Example.inboxMax] == 5)
            #expect(settings[Example.fast])
            #expect(settings[Example.window] == .seconds(300))
            #expect(settings[Example.allow] == ["a:1", "b:2"])
        }
    }

    @Test("Values are taken in every way of writing them")
    func spellings() throws {
        #expect(try read(["--inbox-max=7"])[Example.inboxMax] == 7)
        #expect(try read(["--note", "a, b,c"])[Example.note] == "a, b,c")
        #expect(try read(["--note="])[Example.note] == "")
        #expect(try read([], ["SOJOURN_NOTE": "a, b"])[Example.note] == "a, b")
        #expect(
            try read(["--allow-outbound", "a:1", "--allow-outbound", "b:2,c:3"])[Example.allow] == [
                "a:1", "b:2", "c:3",
            ])
        #expect(try read([], ["SOJOURN_ALLOW_OUTBOUND": "a:1, b:2"])[Example.allow] == ["a:1", "b:2"])
        #expect(try read([], ["SOJOURN_ALLOW_OUTBOUND": ""])[Example.allow] == [])
        #expect(try read(["--fast"])[Example.fast])
        #expect(try read(["--fast", "--note", "x"])[Example.fast])
        #expect(try read(["--fast", "false"])[Example.fast] == false)
        #expect(try read([], ["SOJOURN_FAST": "1"])[Example.fast])
    }

    @Test(
        "Times are written with a unit or in ISO 8601",
        arguments: [
            ("1500ms", 1_500), ("5s", 5_000), ("2m", 120_000), ("1h", 3_600_000), ("1d", 86_400_000), ("PT5S", 5_000),
        ])
    func durations(_ text: String, _ milliseconds: Int) throws {
        #expect(try read(["--duplicate-window", text])[Example.window] == .milliseconds(milliseconds))
    }

    @Test(
        "What is wrong stops the start with one sentence that names the place",
        arguments: [
            (["--inbox-maxx", "1"], [:], "There is no option --inbox-maxx; --help lists all."),
            (["stray"], [:], "\"stray\" is no option; --help lists all."),
            (["--note", "a", "b"], [:], "\"b\" is no option; --help lists all."),
            (["--inbox-max"], [:], "The option --inbox-max needs a value."),
            (["--inbox-max", "1", "--inbox-max", "2"], [:], "The option --inbox-max is given twice."),
            (["--inbox-max", "x"], [:], "The option --inbox-max must be a whole number from 1 to 1000, not \"x\"."),
            (["--inbox-max", "0"], [:], "The option --inbox-max must be a whole number from 1 to 1000, not \"0\"."),
            (["--share", "2"], [:], "The option --share must be a number from 0.0 to 1.0, not \"2\"."),
            (["--colour", "blue"], [:], "The option --colour must be one of red, green, not \"blue\"."),
            (
                ["--duplicate-window", "5"], [:],
                "The option --duplicate-window must be a time from 1s to 1d, such as 5s, not \"5\"."
            ),
            (["--fast", "maybe"], [:], "The option --fast must be true or false, not \"maybe\"."),
            (
                [], ["SOJOURN_INBOX_MAX": "-1"],
                "The environment variable SOJOURN_INBOX_MAX must be a whole number from 1 to 1000, not \"-1\"."
            ),
            (["--config", "absent.json"], [:], "The file absent.json cannot be read."),
            (
                ["--config", "bad.json"], [:],
                "The setting inbox-max in bad.json must be a whole number from 1 to 1000, not \"many\"."
            ),
            (
                ["--config", "broken.json"], [:],
                "The file broken.json is not the JSON or YAML object that settings are written in."
            ),
        ] as [([String], [String: String], String)])
    func mistakes(_ arguments: [String], _ environment: [String: String], _ sentence: String) {
        let files = ["bad.json": #"{"inbox-max": "many"}"#, "broken.json": "[1"]
        #expect(throws: SettingsError(sentence)) { try read(arguments, environment, files: files) }
    }

    @Test("The help lists every setting with its default and its variable")
    func help() {
        let description = ServiceDescription(
            name: "event-ingestion", summary: "Takes events.", port: 7_101, settings: [Example.inboxMax])
        let text = SettingsHelp.text(name: "event-ingestion", summary: "Takes events.", declared: description.declared)
        for setting in description.declared {
            #expect(text.contains("  --\(setting.key)"))
            #expect(text.contains(SettingsReader.variable(setting.key)))
            if let fallback = setting.defaultText { #expect(text.contains("default \(fallback)")) }
        }
        #expect(text.contains("--help") && text.contains("--version"))
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 120 })
    }

    @Test("No key is declared twice")
    func keys() {
        let keys = ServiceDescription(name: "x", summary: "", port: 1).declared.map(\.key)
        #expect(Set(keys).count == keys.count)
    }
}
