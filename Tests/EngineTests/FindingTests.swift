import Engine
import Expressions
import Models
import Testing

@Suite("Findings")
struct FindingTests {
    static let entry = #"{"id": "in", "type": "event", "event": "orderPlaced", "next": "a"}"#
    static let end = #"{"id": "a", "type": "end"}"#

    static func findings(_ nodes: String, properties: String = "{}") -> [Finding] {
        Plan.compile(journey(nodes, properties: properties), version: 1, catalogue: Configuration.catalogue).findings
    }

    /// Code, node, field and nodes.
    static let blocking: [(String, String?, String?, String)] = [
        ("noNodes", nil, "/nodes", ""),
        ("noEntry", "a", nil, end),
        ("entryNotFirst", "in", nil, end + ", " + entry),
        ("multipleEntries", "b", nil, entry + ", " + end + #", {"id": "b", "type": "event", "event": "clicked"}"#),
        ("timeoutAtEntry", "in", "/timeout", #"{"id": "in", "type": "event", "event": "orderPlaced", "timeout": "PT1H"}"#),
        ("matchAtEntry", "in", "/match", #"{"id": "in", "type": "event", "event": "orderPlaced", "match": "true"}"#),
        ("unknownNext", "in", "/next", #"{"id": "in", "type": "event", "event": "orderPlaced", "next": "gone"}"#),
        ("unknownNext", "a", "/paths/0/next", entry + #", {"id": "a", "type": "condition", "paths": [{"share": 100, "next": "gone"}]}"#),
        ("branchNotListening", "in", "/next", #"{"id": "in", "type": "event", "event": "orderPlaced", "next": ["a", "b"]}, {"id": "a", "type": "end"}, {"id": "b", "type": "wait", "for": "P1D"}"#),
        ("loopWithoutWait", "a", nil, entry + #", {"id": "a", "type": "action", "action": "ping", "next": "a"}"#),
        ("duplicateNodeId", nil, "/nodes/2/id", entry + ", " + end + ", " + end),
        ("invalidNodeId", "a b", "/id", #"{"id": "in", "type": "event", "event": "orderPlaced", "next": "a b"}, {"id": "a b", "type": "end"}"#),
        ("malformed", nil, "/nodes/2/id", entry + ", " + end + #", {"type": "end"}"#),
        ("malformed", "a", "/typ", entry + #", {"id": "a", "type": "end", "typ": 1}"#),
        ("malformed", "a", "/type", entry + #", {"id": "a", "type": "sleep"}"#),
        ("malformed", "a", "/for", entry + #", {"id": "a", "type": "wait", "for": "1 day"}"#),
        ("malformed", "a", "/for", entry + #", {"id": "a", "type": "wait"}"#),
        ("malformed", "a", "/until", entry + #", {"id": "a", "type": "wait", "until": "1 + 1"}"#),
        ("malformed", "a", "/onTimeout", entry + #", {"id": "a", "type": "event", "event": "clicked", "onTimeout": {}}"#),
        ("unknownEvent", "a", "/event", entry + #", {"id": "a", "type": "event", "event": "nothing"}"#),
        ("businessEvent", "a", "/event", entry + #", {"id": "a", "type": "event", "event": "priceDropped"}"#),
        ("namespaceMismatch", "a", "/event", entry + #", {"id": "a", "type": "event", "event": "deviceSeen"}"#),
        ("unknownAction", "a", "/action", entry + #", {"id": "a", "type": "action", "action": "fax"}"#),
        ("unknownParameter", "a", "/parameters/by", entry + #", {"id": "a", "type": "action", "action": "sms", "parameters": {"to": "'1'", "by": "'x'"}}"#),
        ("missingParameter", "a", "/parameters", entry + #", {"id": "a", "type": "action", "action": "sms"}"#),
        ("typeMismatch", "a", "/parameters/to", entry + #", {"id": "a", "type": "action", "action": "sms", "parameters": {"to": "1"}}"#),
        ("noPaths", "a", "/paths", entry + #", {"id": "a", "type": "condition", "paths": []}"#),
        ("sharesSum", "a", "/paths", entry + #", {"id": "a", "type": "condition", "paths": [{"share": 30}, {"share": 60}]}"#),
        ("invalidTime", "a", "/paths/0/time/hours/0", entry + #", {"id": "a", "type": "condition", "paths": [{"time": {"hours": ["9", "10:00"]}}]}"#),
        ("invalidDay", "a", "/paths/0/time/days", entry + #", {"id": "a", "type": "condition", "paths": [{"time": {"days": ["monday"]}}]}"#),
        ("invalidDate", "a", "/paths/0/date/from", entry + #", {"id": "a", "type": "condition", "paths": [{"date": {"from": "tomorrow"}}]}"#),
        ("lookupNotAllowed", "a", "/filter", entry + ##", {"id": "a", "type": "event", "event": "clicked", "filter": "#{loyalty.account.tier, params: {memberId: '1'}} == 'x'"}"##),
        ("lookupNotAllowed", "w", "/until", #"{"id": "in", "type": "event", "event": "orderPlaced", "next": ["w", "e"]}, {"id": "e", "type": "event", "event": "clicked"}, "# + ##"{"id": "w", "type": "wait", "until": "toDateTime(#{loyalty.account.tier, params: {memberId: '1'}})"}"##),
        ("unknownField", "a", "/paths/0/when", entry + #", {"id": "a", "type": "condition", "paths": [{"when": "@event{orderPlaced.order.totl} > 1"}]}"#),
        ("unknownEvent", "a", "/paths/0/when", entry + #", {"id": "a", "type": "condition", "paths": [{"when": "@event{clicked.order.total} > 1"}]}"#),
        ("unknownAction", "a", "/paths/0/when", entry + #", {"id": "a", "type": "condition", "paths": [{"when": "@action{sms.id} == 'x'"}]}"#),
        ("unknownSource", "a", "/paths/0/when", entry + ##", {"id": "a", "type": "condition", "paths": [{"when": "#{crm.account.tier} == 'x'"}]}"##),
        ("typeMismatch", "a", "/paths/0/when", entry + #", {"id": "a", "type": "condition", "paths": [{"when": "@event{orderPlaced.order.total} > 'x'"}]}"#),
    ]

    @Test("What blocks publication is found, with its place", arguments: blocking)
    func blocks(code: String, node: String?, field: String?, nodes: String) {
        let compilation = Plan.compile(journey(nodes), version: 1, catalogue: Configuration.catalogue)
        #expect(compilation.plan == nil)
        #expect(compilation.hasErrors)
        #expect(
            compilation.findings.contains {
                $0.code == code && $0.severity == .error && $0.node == node && $0.field == field && !$0.message.isEmpty
                    && !$0.remedy.isEmpty
            }, "found \(compilation.findings.map(\.json.text))")
    }

    static let ofProperties: [(String, String, String)] = [
        ("unknownTimezone", "/properties/timezone", #"{"timezone": "Mars/Olympus"}"#),
        ("invalidDate", "/properties/startAt", #"{"startAt": "soon"}"#),
        ("emptyWindow", "/properties/endAt", #"{"startAt": "2026-02-01", "endAt": "2026-01-01"}"#),
        ("malformed", "/properties/timeout", #"{"timeout": "PT1M"}"#),
        ("malformed", "/properties/reentrance/after", #"{"reentrance": {"after": 5}}"#),
        ("unknownEvent", "/properties/exit/0/event", #"{"exit": [{"event": "gone"}]}"#),
        ("unknownAudience", "/properties/exit/0/audience", #"{"exit": [{"audience": "gone", "change": "entered"}]}"#),
        ("unknownEvent", "/properties/goal/event", #"{"goal": {"event": "gone"}}"#),
        ("typeMismatch", "/properties/goal/filter", #"{"goal": {"event": "clicked", "filter": "1"}}"#),
        ("malformed", "/properties/history", #"{"history": "long"}"#),
        ("unknownField", "/properties/instanceKey", #"{"instanceKey": "@event{clicked.order.id}"}"#),
    ]

    @Test("What is wrong with the properties is found", arguments: ofProperties)
    func properties(code: String, field: String, properties: String) {
        let found = Self.findings(Self.entry + ", " + Self.end, properties: properties)
        let isThere = found.contains { $0.code == code && $0.field == field && $0.node == nil }
        // The name of what is unknown depends on the expression's part.
        #expect(isThere || code == "unknownField" && found.contains { $0.field == field }, "found \(found.map(\.json.text))")
    }

    static let warning: [(String, String, String)] = [
        ("unreachable", "b", entry + ", " + end + #", {"id": "b", "type": "end"}"#),
        ("neverHolds", "a", entry + #", {"id": "a", "type": "condition", "paths": [{"when": "1 > 2"}]}"#),
        ("neverHolds", "a", entry + #", {"id": "a", "type": "condition", "paths": [{"share": 0}, {"share": 100}]}"#),
        ("neverHolds", "a", entry + #", {"id": "a", "type": "condition", "paths": [{"date": {"from": "2026-01-02", "to": "2026-01-01"}}]}"#),
        ("neverHolds", "a", entry + #", {"id": "a", "type": "condition", "paths": [{"time": {"hours": ["09:00", "09:00"]}}]}"#),
        ("neverHolds", "a", entry + #", {"id": "a", "type": "condition", "paths": [{"when": "@event{orderPlaced.order.total} > 1"}, {"when": "@event{orderPlaced.order.total} > 1"}]}"#),
        ("neverHolds", "a", entry + #", {"id": "a", "type": "condition", "paths": [{"when": "1 < 2"}, {"when": "@event{orderPlaced.order.total} > 1"}]}"#),
        ("duplicateLabel", "a", entry + #", {"id": "a", "type": "condition", "paths": [{"label": "x", "share": 40}, {"label": "x", "share": 60}]}"#),
    ]

    static let long: [(String, String, String, String)] = [
        ("a", "/for", "{}", entry + #", {"id": "a", "type": "wait", "for": "P120D"}"#),
        ("a", "/for", "{}", entry + #", {"id": "a", "type": "wait", "for": "P91D"}"#),
        ("a", "/for", #"{"globalTimeout": "P1D"}"#, entry + #", {"id": "a", "type": "wait", "for": "P3D"}"#),
        ("b", "/for", #"{"globalTimeout": "P3D"}"#, entry + #", {"id": "a", "type": "wait", "for": "P2D", "next": "b"}, {"id": "b", "type": "wait", "for": "P1D", "next": "c"}, {"id": "c", "type": "wait", "for": "P1D"}"#),
        ("a", "/timeout", #"{"globalTimeout": "P1D"}"#, entry + #", {"id": "a", "type": "event", "event": "clicked", "timeout": "P2D", "onTimeout": {}}"#),
        ("w", "/for", #"{"globalTimeout": "P1D"}"#, entry + #", {"id": "a", "type": "event", "event": "clicked", "timeout": "PT20H", "onTimeout": {"next": "w"}}, {"id": "w", "type": "wait", "for": "PT4H"}"#),
        ("r", "/timeout", #"{"globalTimeout": "P2D"}"#, entry + #", {"id": "a", "type": "email", "template": "x", "next": "r"}, {"id": "r", "type": "reaction", "to": "a", "reaction": "opened", "timeout": "P3D"}"#),
    ]

    @Test("A wait or time-out that the global time-out ends is found once, and both are named", arguments: long)
    func tooLong(node: String, field: String, properties: String, nodes: String) {
        let compilation = Plan.compile(
            journey(nodes, properties: properties), version: 1, catalogue: Configuration.catalogue)
        let found = compilation.findings.filter { $0.code == "exceedsGlobalTimeout" }
        #expect(compilation.plan != nil)
        #expect(found.map(\.node) == [node] && found.map(\.field) == [field], "\(compilation.findings.map(\.json.text))")
        #expect(found.allSatisfy { $0.severity == .warning && $0.message.contains("globalTimeout of P") })
    }

    static let shortEnough: [(String, String)] = [
        ("{}", entry + #", {"id": "a", "type": "wait", "for": "P90D"}"#),
        (#"{"globalTimeout": "P200D"}"#, entry + #", {"id": "a", "type": "wait", "for": "P120D"}"#),
        // By another way there is time enough.
        (#"{"globalTimeout": "P1D"}"#, entry + #", {"id": "a", "type": "event", "event": "clicked", "timeout": "PT23H", "next": "w", "onTimeout": {"next": "w"}}, {"id": "w", "type": "wait", "for": "PT2H"}"#),
        // A loop takes as long as it takes.
        (#"{"globalTimeout": "P1D"}"#, entry + #", {"id": "a", "type": "wait", "for": "PT20H", "next": "a"}"#),
    ]

    @Test("What ends in time is not found", arguments: shortEnough)
    func inTime(properties: String, nodes: String) {
        #expect(Self.findings(nodes, properties: properties) == [])
    }

    static let branching = #"{"id": "in", "type": "event", "event": "orderPlaced", "next": ["w", "r"]}, {"id": "w", "type": "wait", "for": "PT0S"}, "#
    static let beaten: [([String], String)] = [
        (["r"], branching + #"{"id": "r", "type": "event", "event": "clicked"}"#),
        (["r"], branching + #"{"id": "r", "type": "wait", "at": {"time": "09:00"}}"#),
        (["r"], branching + #"{"id": "r", "type": "wait", "for": "P1D"}"#),
        (["r"], branching + #"{"id": "r", "type": "wait", "for": "PT0S"}"#),
        (["w"], #"{"id": "in", "type": "event", "event": "orderPlaced", "next": ["w", "x", "r"]}, {"id": "w", "type": "wait", "for": "P2D"}, {"id": "x", "type": "event", "event": "clicked"}, {"id": "r", "type": "wait", "for": "P1D"}"#),
        // After an action an event may have been kept.
        ([], #"{"id": "in", "type": "event", "event": "orderPlaced", "next": "a"}, {"id": "a", "type": "action", "action": "ping", "next": ["w", "r"]}, {"id": "w", "type": "wait", "for": "PT0S"}, {"id": "r", "type": "event", "event": "clicked"}"#),
        ([], #"{"id": "in", "type": "event", "event": "orderPlaced", "next": ["w", "r"]}, {"id": "w", "type": "wait", "for": "P1D"}, {"id": "r", "type": "event", "event": "clicked"}"#),
    ]

    @Test("A branch that never wins is found", arguments: beaten)
    func branches(nodes: [String], document: String) {
        let found = Self.findings(document).filter { $0.code == "neverHolds" }
        #expect(found.map(\.node) == nodes && found.allSatisfy { $0.severity == .warning })
    }

    /// 2026-06-01T12:00:00Z.
    static let now: Int64 = 1_780_315_200_000

    static func reading(_ schedule: String) -> String {
        #"{"id": "in", "type": "readAudience", "audience": "gold", "schedule": \#(schedule), "next": "a"}, {"id": "a", "type": "end"}"#
    }

    /// Code, severity, field, properties and nodes; the code is nil where nothing is found.
    static let atPublication: [(String?, Finding.Severity, String?, String, String)] = [
        ("past", .error, "/schedule/at", "{}", reading(#"{"at": "2026-06-01T12:00:00Z"}"#)),
        ("past", .error, "/schedule/at", "{}", reading(#"{"at": "2020-01-01"}"#)),
        (nil, .error, nil, "{}", reading(#"{"at": "2026-06-01T12:00:00.001Z"}"#)),
        // By the clocks of the journey's zone.
        ("past", .error, "/schedule/at", #"{"timezone": "Europe/Paris"}"#, reading(#"{"at": "2026-06-01T14:00:00"}"#)),
        (nil, .error, nil, #"{"timezone": "Europe/Paris"}"#, reading(#"{"at": "2026-06-01T14:00:01"}"#)),
        (nil, .error, nil, #"{"timezone": {"profile": "zone", "fallback": "America/New_York"}}"#, reading(#"{"at": "2026-06-01T09:00:00"}"#)),
        ("past", .error, "/properties/endAt", #"{"endAt": "2020-01-01T00:00:00"}"#, entry + ", " + end),
        ("past", .error, "/properties/endAt", #"{"startAt": "2019-01-01", "endAt": "2026-06-01T12:00:00Z"}"#, entry + ", " + end),
        (nil, .error, nil, #"{"startAt": "2019-01-01", "endAt": "2026-06-01T12:00:01Z"}"#, entry + ", " + end),
        ("neverComes", .error, "/schedule/cron", "{}", reading(#"{"cron": "0 9 30 2 *"}"#)),
        ("neverComes", .error, "/schedule/cron", "{}", reading(#"{"cron": "0 9 31 4,6,9,11 *"}"#)),
        ("neverComes", .error, "/schedule/cron", #"{"endAt": "2026-06-02T09:00:00"}"#, reading(#"{"cron": "0 9 * * *"}"#)),
        ("neverComes", .error, "/schedule/cron", #"{"startAt": "2026-07-01T09:00:01", "endAt": "2026-07-02"}"#, reading(#"{"cron": "0 9 * * *"}"#)),
        (nil, .error, nil, #"{"startAt": "2026-07-01T09:00:00", "endAt": "2026-07-02"}"#, reading(#"{"cron": "0 9 * * *"}"#)),
        (nil, .error, nil, "{}", reading(#"{"cron": "0 9 29 2 *"}"#)),
        (nil, .error, nil, "{}", reading(#"{"cron": "0 9 30 2 mon"}"#)),
        ("neverComes", .error, "/schedule/at", #"{"endAt": "2026-07-01"}"#, reading(#"{"at": "2026-07-01T00:00:00"}"#)),
        ("neverComes", .error, "/schedule/at", #"{"startAt": "2026-07-01"}"#, reading(#"{"at": "2026-06-30T23:59:59"}"#)),
        (nil, .error, nil, #"{"startAt": "2026-07-01", "endAt": "2026-08-01"}"#, reading(#"{"at": "2026-07-01T00:00:00"}"#)),
        ("invalidDay", .error, "/at/days", "{}", entry + #", {"id": "a", "type": "wait", "at": {"time": "09:00", "days": []}}"#),
        ("invalidDay", .error, "/paths/0/time/days", "{}", entry + #", {"id": "a", "type": "condition", "paths": [{"time": {"hours": ["09:00", "10:00"], "days": []}}]}"#),
        ("noWait", .warning, "/until", "{}", entry + ##", {"id": "a", "type": "wait", "until": "date(\"2020-01-01T00:00:00Z\")"}"##),
        ("noWait", .warning, "/until", #"{"timezone": "Europe/Paris"}"#, entry + ##", {"id": "a", "type": "wait", "until": "date(\"2026-06-01T13:00:00\")"}"##),
        (nil, .warning, nil, "{}", entry + ##", {"id": "a", "type": "wait", "until": "date(\"2026-06-01T13:00:00\")"}"##),
        ("noWait", .warning, "/timeout", "{}", entry + #", {"id": "a", "type": "event", "event": "clicked", "timeout": "PT0S"}"#),
        ("neverHolds", .warning, "/paths/0/date/to", "{}", entry + #", {"id": "a", "type": "condition", "paths": [{"date": {"to": "2026-06-01"}}]}"#),
        ("neverHolds", .warning, "/paths/0/date/to", #"{"startAt": "2026-08-01"}"#, entry + #", {"id": "a", "type": "condition", "paths": [{"date": {"to": "2026-07-01"}}]}"#),
        ("neverHolds", .warning, "/paths/0/date/from", #"{"endAt": "2026-08-01"}"#, entry + #", {"id": "a", "type": "condition", "paths": [{"date": {"from": "2026-08-01"}}]}"#),
        (nil, .warning, nil, "{}", entry + #", {"id": "a", "type": "condition", "paths": [{"date": {"from": "2026-05-01", "to": "2026-07-01"}}]}"#),
    ]

    @Test("At publication what is past or never comes is found; who is live goes on", arguments: atPublication)
    func publication(code: String?, severity: Finding.Severity, field: String?, properties: String, nodes: String) {
        let document = journey(nodes, properties: properties)
        let catalogue = Configuration.catalogue
        let found = Plan.compile(document, version: 1, catalogue: catalogue, now: Self.now)
        if let code {
            #expect(
                found.findings.contains { $0.code == code && $0.severity == severity && $0.field == field },
                "found \(found.findings.map(\.json.text))")
            #expect(found.hasErrors == (severity == .error))
        } else {
            #expect(found.findings == [])
        }
        // Without a time nothing of this blocks: what is live was published when it was right.
        #expect(Plan.compile(document, version: 1, catalogue: catalogue).plan != nil)
    }

    @Test("Warnings do not block", arguments: warning)
    func warnings(code: String, node: String, nodes: String) {
        let compilation = Plan.compile(journey(nodes), version: 1, catalogue: Configuration.catalogue)
        #expect(compilation.plan != nil)
        #expect(compilation.findings.contains { $0.code == code && $0.severity == .warning && $0.node == node })
    }

    @Test("Each code's example has the finding, as severe as it is said to be", arguments: FindingCode.allCases)
    func notes(code: FindingCode) throws {
        let example = try #require(try? JSONValue.parse(code.note.example), "the example is no JSON")
        var nodes = Self.entry + ", " + Self.end
        if case .array(let items) = example["nodes"] ?? example { nodes = items.map(\.text).joined(separator: ", ") }
        if example["type"] != nil { nodes = Self.entry + ", " + example.text }
        let strict = Configuration.catalogue(
            profile: #"{"type": "object", "properties": {"vip": {"type": "boolean"}}, "additionalProperties": false}"#)
        let found = Plan.compile(
            journey(nodes, properties: example["properties"]?.text ?? "{}"), version: 1, catalogue: strict,
            now: Self.now
        ).findings
        #expect(
            found.contains { $0.code == code.rawValue && $0.severity == code.note.severity },
            "found \(found.map(\.json.text))")
        #expect(!code.note.sentence.isEmpty && !code.note.remedy.isEmpty)
    }

    static let inOrder: [(String, String)] = [
        ("audience at entry", #"{"id": "in", "type": "audience", "audience": "gold", "change": "entered", "next": "a"}, {"id": "a", "type": "end"}"#),
        ("read at a time", #"{"id": "in", "type": "readAudience", "audience": "gold", "schedule": {"at": "2026-03-01T09:00:00"}, "rate": 5, "next": "a"}, {"id": "a", "type": "end"}"#),
        ("read again and again", #"{"id": "in", "type": "readAudience", "audience": "gold", "schedule": {"cron": "0 9 * * mon"}, "incremental": true, "forceReentrance": true, "next": "a"}, {"id": "a", "type": "end"}"#),
        ("business event", #"{"id": "in", "type": "businessEvent", "event": "priceDropped", "next": "r"}, {"id": "r", "type": "readAudience", "audience": "gold", "next": "a"}, {"id": "a", "type": "condition", "paths": [{"when": "@event{priceDropped.order.total} > 5"}]}"#),
        ("message and reaction", entry + ##", {"id": "a", "type": "email", "template": "hello", "parameters": {"name": "#{profile.firstName}"}, "next": ["r", "w"]}, {"id": "r", "type": "reaction", "to": "a", "reaction": "opened", "timeout": "P3D", "onTimeout": {"next": "w"}}, {"id": "w", "type": "wait", "for": "P1D"}"##),
        ("cap", entry + #", {"id": "a", "type": "condition", "paths": [{"label": "first", "cap": 100}], "otherwise": {}}"#),
        ("profile", entry + #", {"id": "a", "type": "updateProfile", "field": "vip", "value": "true", "next": "e"}, {"id": "e", "type": "end"}"#),
        ("jump", entry + #", {"id": "a", "type": "jump", "journey": "other", "parameters": {"order.id": "@event{orderPlaced.order.id}"}}"#),
    ]

    @Test("Every node with all its fields is taken", arguments: inOrder)
    func complete(what: String, nodes: String) {
        #expect(Self.findings(nodes) == [], "\(what)")
    }

    @Test("A journey in order has no findings")
    func clean() {
        #expect(Self.findings(Self.entry + ", " + Self.end) == [])
    }

    @Test("An expression's error has its position")
    func position() {
        let finding = Self.findings(Self.entry + #", {"id": "a", "type": "condition", "paths": [{"when": "1 == 1 and\n @event{orderPlaced.order.totl} > 1"}]}"#).first
        #expect(finding?.line == 2)
        #expect(finding?.column ?? 0 > 1)
        #expect(finding?.json["code"] == "unknownField")
    }

    @Test("What a node may name is what has happened before it on some way", arguments: [
        ("in", [String]()), ("a", ["orderPlaced"]), ("late", ["orderPlaced"]), ("good", ["clicked", "orderPlaced"]),
        ("both", ["clicked", "orderPlaced"]),
    ])
    func scope(node: String, events: [String]) {
        let document = journey(
            Self.entry + """
                , {"id": "a", "type": "event", "event": "clicked", "timeout": "PT1H", "next": "good", "onTimeout": {"next": "late"}},
                {"id": "late", "type": "wait", "for": "P1D", "next": "both"}, {"id": "good", "type": "action", "action": "ping", "next": "both"}, {"id": "both", "type": "end"}
                """)
        let scope = Plan.scope(at: node, in: document, catalogue: Configuration.catalogue)
        #expect(scope.events.keys.sorted() == events)
        #expect(scope.actions.keys.sorted() == (node == "both" ? ["ping"] : []))
    }

    @Test("In a loop everything of the loop may have happened")
    func loopScope() {
        let document = journey(
            Self.entry + #", {"id": "a", "type": "event", "event": "clicked", "next": "b"}, {"id": "b", "type": "action", "action": "ping", "next": "a"}"#)
        let scope = Plan.scope(at: "a", in: document, catalogue: Configuration.catalogue)
        #expect(scope.events.keys.sorted() == ["clicked", "orderPlaced"])
        #expect(scope.actions.keys.sorted() == ["ping"])
    }

    @Test("Anything that is JSON is taken, and answered with findings", arguments: [
        "{}", #"{"name": 5}"#, #"{"nodes": {}}"#, #"{"nodes": [1, null, "x", [], {}]}"#, #"{"name": "x", "nodes": [{"id": "a", "type": "event", "event": {}, "next": [1, "a"]}]}"#,
        #"{"name": "x", "properties": [], "nodes": [{"id": "", "type": "condition", "paths": [5, {"share": "x"}], "otherwise": "a"}]}"#,
    ])
    func anything(text: String) {
        let compilation = Plan.compile(
            JourneyDocument(Configuration.document(text)), version: 1, catalogue: Configuration.catalogue)
        #expect(compilation.hasErrors)
    }

    @Test("Ten thousand nodes in a chain, and in a ladder of loops, are compiled without a crash")
    func large() {
        var chain = #"{"id": "n0", "type": "event", "event": "orderPlaced", "next": "n1"}"#
        for number in 1..<10_000 {
            let next = number == 9_999 ? "n1" : "n\(number + 1)"
            switch number % 4 {
            case 0: chain += #", {"id": "n\#(number)", "type": "wait", "for": "PT1M", "next": "\#(next)"}"#
            case 1: chain += #", {"id": "n\#(number)", "type": "event", "event": "clicked", "next": "\#(next)"}"#
            case 2: chain += #", {"id": "n\#(number)", "type": "action", "action": "ping", "next": "\#(next)"}"#
            default: chain += #", {"id": "n\#(number)", "type": "condition", "paths": [{"share": 100, "next": "\#(next)"}], "otherwise": {"next": "n1"}}"#
            }
        }
        let compilation = Plan.compile(journey(chain), version: 1, catalogue: Configuration.catalogue)
        #expect(compilation.findings == [])
        #expect(compilation.plan != nil)
    }
}
