import Engine
import Expressions
import Models
import Testing

/// Reads what findings say to people.
@Suite("The sentences of findings")
struct FindingSentenceTests {
    /// What is wrong with a text as sentences; empty where nothing is.
    ///
    /// - Parameter mayBeginWithName: of a function or a type, as errors of expressions do.
    static func faults(_ text: String, mayBeginWithName: Bool = false) -> [String] {
        var faults: [String] = []
        let first = text.first ?? " "
        if !first.isUppercase, !"“`".contains(first), !mayBeginWithName || !first.isLetter { faults.append("does not begin like a sentence") }
        if text.last != ".", text.last != "?" { faults.append("does not end like a sentence") }
        // What is quoted is somebody else's text.
        let plain = text.replacing(/“[^”]*”/, with: "“x”")
        for sign in ["  ", " .", " ,", " :", " ;", "..", ",,", ":.", " it the ", " a the ", " the a ", "().", "Optional("]
        where plain.contains(sign) { faults.append("has “\(sign)”") }
        let words = plain.split(separator: " ").map { $0.lowercased() }
        for (one, next) in zip(words, words.dropFirst()) {
            let other = next.last.map { ".,:;?".contains($0) } == true ? String(next.dropLast()) : next
            guard one == other, one.first?.isLetter == true else { continue }
            faults.append("says “\(one)” twice")
        }
        if text.count(where: { $0 == "“" }) != text.count(where: { $0 == "”" }) { faults.append("leaves a quote open") }
        return faults
    }

    @Test("The sentences on the page are sentences", arguments: FindingCode.allCases)
    func notes(code: FindingCode) {
        #expect(Self.faults(code.note.sentence) == [] && Self.faults(code.note.remedy) == [], "\(code.note.sentence)")
    }

    /// Journeys that are wrong in every way that the tests know.
    static let documents: [JourneyDocument] = {
        var documents = FindingTests.blocking.map { journey($0.3) }
        documents += FindingTests.ofProperties.map {
            journey(FindingTests.entry + ", " + FindingTests.end, properties: $0.2)
        }
        documents += FindingTests.warning.map { journey($0.2) }
        documents += FindingTests.long.map { journey($0.3, properties: $0.2) }
        documents += FindingTests.beaten.map { journey($0.1) }
        documents += FindingTests.atPublication.map { journey($0.4, properties: $0.3) }
        documents += schedules.map { journey(FindingTests.reading($0)) }
        documents += expressions.map { text in
            let when = JSONValue.string(text).text
            return journey(FindingTests.entry + ##", {"id": "a", "type": "condition", "paths": [{"when": \##(when)}]}"##)
        }
        documents += malformed.map { JourneyDocument(Configuration.document($0)) }
        return documents
    }()

    static let schedules = [
        "0 9 L * *", "0 9 * * 5L", "0 9 * * mon#2", "@daily", "0 9 ? * mon", "0 0 9 * * *", "60 * * * *", "0 24 * * *",
        "0 9 0 * *", "0 9 * * 8", "*/0 * * * *", "5-1 * * * *", "", "0 9 * * fri-mon", "1,,2 * * * *", "- * * * *",
        String(repeating: "1,", count: 200),
    ].map { JSONValue.object(["cron": .string($0)]).text } + [#"{"at": "soon"}"#, #"{"at": ""}"#, "5", #""later""#, "{}"]

    static let expressions = [
        "", "1", "1 +", "(1 == 1", "'x", "1 == 'x'", "true and 1", "foo()", "now(5)", "now('Mars')", "date('x')", "@event{",
        "@event{orderPlaced.order.totl} > 1", "@event{gone.x} == 1", "@{clicked.order.total} == 1", "#{crm.account.tier} == 'x'",
        "#{loyalty.gone.tier} == 'x'", "#{loyalty.account.tier} == 'x'", "@action{sms.id} == 'x'", "@journey{nope} == 'x'",
        "inAudience('nobody')", "inAudience(5)", "matchRegExp('a', '(')", "9999999999999999999999", "'\\q' == 'x'",
        "1 / 0 > 1", "not 5", "[1, 'x'] == [1]", "dateDiff(now(), now(), 'weeks') > 1", "nowWithDelta(1.5, 'days') > now()",
        "1 == 1", "1 > 2", "5 is null", "@event{orderPlaced.order.total} == null", "1 = 1", "a && b", "1 != ", "if (true) then (1)",
        "currentEventField.x == 1", "@event{orderPlaced.items.all(1)} == 1", "true AND true", "#{profile.} == 1",
    ]

    static let malformed = [
        "{}", #"{"name": 5}"#, #"{"nodes": {}}"#, #"{"nodes": [1, null, "x", [], {}]}"#,
        #"{"name": "x", "nodes": [{"id": "a", "type": "event", "event": {}, "next": [1, "a"]}]}"#,
        #"{"name": "x", "properties": [], "nodes": [{"id": "", "type": "condition", "paths": [5, {"share": "x"}], "otherwise": "a"}]}"#,
        #"{"name": "x y", "color": 1, "properties": {"timezone": 5, "timeout": "PT31S", "reentrance": {"after": "-PT5M"}, "exit": [{}], "goal": {"within": "PT0S"}, "history": "long"}, "nodes": []}"#,
        #"{"name": "x", "nodes": [{"id": "a", "type": "wait", "for": "P1M"}, {"id": "b", "type": "condition", "paths": [{"time": {}}, {"cap": -1}, {"share": 101}, {"when": 5, "share": 1}]}]}"#,
        #"{"name": "x", "nodes": [{"id": "a", "type": "readAudience", "audience": "gold", "rate": 0, "schedule": {"cron": 5}}, {"id": "b", "type": "action"}, {"id": "c", "type": "jump"}, {"id": "d", "type": "reaction"}]}"#,
    ]

    @Test("What is said of journeys that are wrong are sentences", arguments: documents.indices)
    func sentences(place: Int) {
        let found = Plan.compile(
            Self.documents[place], version: 1, catalogue: Configuration.catalogue, now: FindingTests.now)
        for finding in found.findings {
            let isOfExpression = FindingCode(rawValue: finding.code) == nil
            #expect(Self.faults(finding.message, mayBeginWithName: isOfExpression) == [], "\(finding.code): \(finding.message)")
            #expect(Self.faults(finding.remedy) == [], "\(finding.code): \(finding.remedy)")
        }
    }

    @Test("Every code is among what is read")
    func allCodes() {
        var codes: Set<String> = []
        for document in Self.documents {
            let found = Plan.compile(document, version: 1, catalogue: Configuration.catalogue, now: FindingTests.now)
            codes.formUnion(found.findings.map(\.code))
        }
        let read = FindingCode.allCases.filter { codes.contains($0.rawValue) }
        // These need a configuration of their own; their sentences are read by the table of codes.
        let apart: Set<FindingCode> = [
            .unknownProfileField, .unknownJourney, .jumpTarget, .jumpTargetNotLive, .jumpLoop, .entryOnly, .notBusinessEvent,
            .businessEventNext, .messageContent, .reactionTarget, .keyWithoutEvent, .unknownAudience,
        ]
        #expect(Set(FindingCode.allCases).subtracting(read).isSubset(of: apart))
    }

    @Test("A schedule that is none says so in one sentence")
    func schedule() {
        let found = FindingTests.findings(FindingTests.reading(#"{"cron": "0 9 L * *"}"#)).map(\.message)
        #expect(found == ["“0 9 L * *” is no schedule: the day L is not from 1 to 31."])
    }
}
