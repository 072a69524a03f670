import Models
import Testing

@Suite("Elements of queues")
struct QueueElementTests {
    static let person = Person(namespace: "crmId", id: "4\"2")
    static let run = RunMark(id: "t-1", kind: .test)

    /// The stimulus as it is read from an inbox, with the time that the script puts in front.
    static func read(_ element: [UInt8]) throws -> Stimulus {
        try Stimulus(bytes: Array(#"{"at":5,"#.utf8) + element.dropFirst())
    }

    @Test("An audience move is read as it was written", arguments: [AudienceChange.entered, .exited], [run, nil])
    func audience(change: AudienceChange, run: RunMark?) throws {
        let move = AudienceMove(id: "a-1", person: Self.person, audience: "gold", change: change, run: run)
        let read = try Self.read(move.element)
        guard case .audience(let again) = read.body else { return #expect(Bool(false), "\(read)") }
        #expect(again == move)
        #expect(read.person == Self.person && read.run == run && read.at == 5 && read.id == "a-1")
    }

    @Test("An audience move says its number in a chain, the first by saying nothing", arguments: [1, 2, 11] as [Int64])
    func chain(number: Int64) throws {
        let move = AudienceMove(
            id: "a-1", person: Self.person, audience: "gold", change: .entered, chain: number)
        guard case .audience(let again) = try Self.read(move.element).body else { return #expect(Bool(false)) }
        #expect(again.chain == number)
        #expect(String(decoding: move.element, as: UTF8.self).contains("chain") == (number > 1))
    }

    @Test("An audience is entered or exited and nothing between")
    func anyChange() {
        #expect(throws: MalformedElement.self) {
            try Self.read(
                Array(
                    ##"{"kind":"audience","id":"a","namespace":"n","person":"p","audience":"g","change":"any"}"##.utf8))
        }
    }

    @Test("A reaction is read as it was written", arguments: Reaction.Kind.allCases)
    func reaction(kind: Reaction.Kind) throws {
        let reaction = Reaction(
            id: "r-1", person: Self.person, instance: "4f", request: "4f:mail:1", reaction: kind,
            detail: kind == .clicked ? ["link": "https://shop.example/"] : nil, run: Self.run)
        let read = try Self.read(reaction.element)
        guard case .reaction(let again) = read.body else { return #expect(Bool(false), "\(read)") }
        #expect(again == reaction)
        #expect(read.run == Self.run)
    }

    @Test("A business event and a person's event are read as they were written")
    func events() throws {
        let business = BusinessEvent(id: "b", events: ["priceDropped"], payload: ["sku": "x"], run: nil)
        guard case .business(let readBusiness) = try Self.read(business.element).body else {
            return #expect(Bool(false))
        }
        #expect(readBusiness == business)
        let event = PersonEvent(
            id: "e", person: Self.person, events: ["a", "b"], payload: ["x": 1],
            run: RunMark(id: "d", kind: .dryRun))
        guard case .event(let readEvent) = try Self.read(event.element).body else { return #expect(Bool(false)) }
        #expect(readEvent == event)
    }

    @Test(
        "A command is read as it was written",
        arguments: [
            Command.stop(journey: "j", version: 3), .endInstance(person: person, instance: "4f"),
            .run(AudienceRun(id: "r", journey: "j", version: 2)),
            .run(AudienceRun(id: "r", journey: "j", version: 2, eventName: "priceDropped", event: ["sku": "x"])),
            .resume(journey: "j", ratePerSecond: nil), .resume(journey: "j", ratePerSecond: 2.5),
            .move(VersionMove(id: "m", journey: "j", from: 1, to: 2)),
            .move(VersionMove(id: "m", journey: "j", from: 1, to: 2, nodes: ["a", "b"])),
            .advance(run: "t-1", to: 77), .forget(journey: "j"),
        ])
    func command(command: Command) throws {
        guard case .command(let again) = try Self.read(command.element(id: "c-1")).body else {
            return #expect(Bool(false))
        }
        #expect(again == command)
    }

    @Test("A mark without its kind is malformed")
    func halfMark() {
        #expect(throws: MalformedElement.self) {
            try Self.read(
                Array(#"{"kind":"business","id":"b","events":[],"payload":{},"run":"t-1","runKind":"x"}"#.utf8))
        }
    }

    static let origin = RequestOrigin(
        person: person, journey: "j", version: 1, instance: "4f", node: "mail", visit: 2, run: run)

    @Test("A request for places is read as it was written, and one without them says nothing of them")
    func places() throws {
        let lookup = FetchRequest.Lookup(
            key: "k", source: "s", group: "g", parameters: ["a": 1], fields: ["x.y"])
        let place = FetchRequest.Place(key: "cap:c:0", name: "j:1:c:0", limit: 100, instance: "4f")
        let request = FetchRequest(
            id: "4f:c:1:1", origin: Self.origin, lookups: [lookup], places: [place], timeoutMilliseconds: 5_000)
        #expect(try Request(bytes: request.element) == .fetch(request))
        let plain = FetchRequest(id: "4f:c:1:1", origin: Self.origin, lookups: [lookup], timeoutMilliseconds: 5_000)
        #expect(try Request(bytes: plain.element) == .fetch(plain))
        #expect(!String(decoding: plain.element, as: UTF8.self).contains("places"))
    }

    @Test("A message's request is read as it was written", arguments: MessageRequest.Channel.allCases)
    func message(channel: MessageRequest.Channel) throws {
        let request = MessageRequest(
            id: "4f:mail:2", origin: Self.origin, channel: channel, template: channel == .push ? nil : "hello",
            content: channel == .push ? ["title": "x"] : nil, parameters: ["name": "Ada"], timeoutMilliseconds: 5_000)
        #expect(try Request(bytes: request.element) == .message(request))
        #expect(
            String(decoding: request.element, as: UTF8.self).hasPrefix(
                #"{"kind":"message","id":"4f:mail:2","deliveries":0,"attempts":0,"#))
    }

    @Test("An outcome and a record of steps carry their run")
    func marks() throws {
        let outcome = Outcome(
            id: "4f:c:1:1", person: Self.person, instance: "4f", durationMilliseconds: 3,
            result: .fetch(["cap:c:0": LookupResult(data: true, cached: false)]), run: Self.run)
        let read = try Self.read(outcome.element)
        guard case .outcome(let again) = read.body else { return #expect(Bool(false)) }
        #expect(again == outcome && read.run == Self.run)
        var step = StepEvent(step: 1, kind: .moved, at: 9)
        step.path = "1"
        let record = StepRecord(
            person: Self.person, journey: "j", version: 2, instance: "4f", stimulus: "m", events: [step], run: Self.run,
            input: ["kind": "move", "to": 2])
        let batch = StepBatch(fence: 1, commit: 2, firstNumber: 3, records: [record])
        #expect(try StepBatch(bytes: batch.element).records == [record])
    }

    @Test("What is said of an answer is in its outcome, and nothing where nothing is")
    func notes() throws {
        func outcome(_ result: Outcome.Result) -> Outcome {
            Outcome(id: "4f:c:1", person: Self.person, instance: "4f", durationMilliseconds: 3, result: result)
        }
        func action(_ note: String?) -> Outcome.Result {
            .action(ActionResult(succeeded: true, status: "http_200", response: ["id": 1], attempts: [], note: note))
        }
        let fetch: [LookupResult] = [
            .init(data: ["a": 1], cached: true, note: "repeatedKey"), .init(data: nil, cached: false),
        ]
        for result in [action("invalidResponse"), action(nil)] + fetch.map({ .fetch(["k": $0]) }) {
            let written = outcome(result)
            guard case .outcome(let read) = try Self.read(written.element).body else { return #expect(Bool(false)) }
            #expect(read == written)
        }
        #expect(!String(decoding: outcome(action(nil)).element, as: UTF8.self).contains("note"))
    }

    @Test("What an event met, and what decisions went by, is read as it was written")
    func seen() throws {
        let seen = SeenEvent(
            events: ["placed", "a\"b"],
            looked: [
                .init(journey: "j", version: 2, reason: "filterFalse"),
                .init(journey: "k", version: 1, instance: "4f", reason: "matchFalse"),
                .init(journey: "k", version: 2, reason: "filterFalse", read: [.init(path: "order.total", value: 1)]),
            ],
            ruledOut: [
                .init(group: "g", count: 63, except: [.init(journey: "vip", version: 1)]),
                .init(group: "h", count: 1, except: []),
            ])
        var step = StepEvent(step: 1, kind: .node, at: 9)
        step.read = [StepReading(path: "order.total", value: 42), StepReading(path: "items", value: [["sku": "a"]])]
        step.localTime = "2026-01-01T09:00:00+01:00[Europe/Berlin]"
        step.answer = CallAnswer(status: 503, body: "{\"error\":\"boom\"}")
        let moved = StepRecord(
            person: Self.person, journey: "j", version: 2, instance: "4f", stimulus: "e", events: [step], seen: seen)
        let alone = StepRecord(seen: SeenEvent(events: ["x"]), person: Self.person, stimulus: "f", at: 7, run: Self.run)
        let batch = StepBatch(fence: 1, commit: 2, firstNumber: 3, records: [moved, alone])
        #expect(try StepBatch(bytes: batch.element) == batch)
        #expect(alone.events.map(\.kind) == [.event] && alone.events.map(\.at) == [7])
    }

    @Test(
        "A value that was read is at most 256 bytes of JSON; what is longer is a text that says so",
        arguments: [
            (42, 42), (nil, nil), (.string(String(repeating: "a", count: 256)), .string(String(repeating: "a", count: 256))),
            (.string(String(repeating: "a", count: 257)), .string(String(repeating: "a", count: 253) + "…")),
            (.string(String(repeating: "é", count: 200)), .string(String(repeating: "é", count: 126) + "…")),
            ([1, 2], [1, 2]),
            (
                .array((0..<1_000).map { .integer($0 % 10) }),
                .string("[" + (0..<126).map { "\($0 % 10)," }.joined() + "…")
            ),
        ] as [(JSONValue, JSONValue)])
    func bounded(value: JSONValue, kept: JSONValue) {
        #expect(StepReading(path: "x", value: value).value == kept)
    }

    @Test("An answer keeps a KiB of its body")
    func answer() {
        let answer = CallAnswer(status: 500, body: String(repeating: "x", count: 5_000))
        #expect(answer.body.utf8.count == 1_024 && answer.body.hasSuffix("x…"))
        #expect(CallAnswer(answer.json) == answer)
    }

    @Test(
        "A commit's refusals that have no record are read as they were written, and cost nothing where there are none")
    func refusalCounts() throws {
        var counts = RefusalCounts()
        counts.refused = [
            .init(journey: "a", version: 1, reason: "filterFalse", at: 60_000, run: nil, count: 3),
            .init(journey: "b", version: 0, reason: "filterFalse", at: 60_000, run: "test-b-1", count: 1),
        ]
        counts.ruledOut = [
            .init(group: "g", at: 60_000, run: nil, count: 9, except: [.init(journey: "c", version: 2, count: 4)]),
            .init(group: "g", at: 120_000, run: "test-b-1", count: 1, except: []),
        ]
        counts.groups = [.init(id: "g", members: [.init(journey: "c", version: 2), .init(journey: "d", version: 1)])]
        let batch = StepBatch(fence: 1, commit: 2, firstNumber: 3, records: [], refusals: counts)
        #expect(try StepBatch(bytes: batch.element) == batch)
        let empty = StepBatch(fence: 1, commit: 2, firstNumber: 3, records: [])
        #expect(
            String(decoding: empty.element, as: UTF8.self)
                == #"{"kind":"steps","fence":1,"commit":2,"first":3,"records":[]}"#)
    }
}
