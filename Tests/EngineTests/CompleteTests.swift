import Engine
import Models
import Testing

@Suite("Jumps, profiles, places, goals, pauses, admissions")
struct CompleteTests {
    static let entry = #"{"id": "in", "type": "event", "event": "orderPlaced", "next": "a"}"#
    static let waiting = #", {"id": "a", "type": "wait", "for": "P1D"}"#

    // MARK: Jumps

    @Test("A jump enters the other journey with the mapped fields, and the origin goes on")
    func jump() {
        let other = plan(
            ##"{"id": "in", "type": "event", "event": "orderPlaced", "filter": "@event{orderPlaced.order.total} > 3", "next": "s"}, {"id": "s", "type": "action", "action": "sms", "parameters": {"to": "@event{orderPlaced.order.id}"}}"##,
            name: "other")
        let first = plan(
            #"{"id": "in", "type": "event", "event": "clicked", "next": "j"}, {"id": "j", "type": "jump", "journey": "other", "parameters": {"order.id": "@event{clicked.order.id}", "order.total": "5"}, "next": "w"}, {"id": "w", "type": "wait", "for": "P1D"}"#
        )
        let story = Story(first, other)
        story.event("clicked", payload: ["order": ["id": "o-1", "total": 1]])
        #expect(story.entered.count == 2)
        #expect(story.actions.map { $0.parameters["to"] } == ["o-1"])
        #expect(story.told(of: story.entered[0]).suffix(1) == ["j>next"])
    }

    @Test("A refusal there is said there, and here the jump is passed")
    func jumpRefused() {
        let other = plan(Self.entry + Self.waiting, name: "other")
        let first = plan(
            #"{"id": "in", "type": "event", "event": "clicked", "next": "j"}, {"id": "j", "type": "jump", "journey": "other"}"#,
            properties: #"{"reentrance": {"after": "PT0S"}}"#)
        let story = Story(first, other)
        story.event("clicked")
        story.event("clicked")
        #expect(story.reasons == ["alreadyInside"])
        #expect(story.told(of: story.entered[2]).suffix(2) == ["j>next", "left finished"])
    }

    @Test("Where the other journey is missing or not live the jump is an error", arguments: ["missing", "closed"])
    func jumpError(state: String) {
        let first = plan(
            #"{"id": "in", "type": "event", "event": "clicked", "next": "j"}, {"id": "j", "type": "jump", "journey": "other"}"#
        )
        let story = Story(first)
        if state == "closed" {
            story.use(
                .init(plan: first, state: .live),
                .init(plan: plan(Self.entry + Self.waiting, name: "other"), state: .closed))
        }
        story.event("clicked")
        let code = state == "missing" ? "journeyUnknown" : "journeyNotLive"
        #expect(story.told.suffix(2) == ["j!error(\(code))", "left error(\(code))"])
    }

    @Test("The eleventh jump of a chain is refused")
    func jumpLoop() {
        func loop(_ name: String, to other: String) -> Plan {
            let found = Plan.compile(
                journey(
                    #"{"id": "in", "type": "event", "event": "clicked", "next": "j"}, {"id": "j", "type": "jump", "journey": "\#(other)"}"#,
                    properties: #"{"reentrance": {"after": "PT0S"}}"#, name: name), version: 1,
                catalogue: ReferenceHistory.catalogue)
            guard let plan = found.plan else { preconditionFailure("\(found.findings)") }
            return plan
        }
        let story = Story(loop("j0", to: "j1"), loop("j1", to: "j0"))
        story.handle(.trappedEvent(PersonEvent(id: "x", person: Story.person, events: [], payload: [:])))
        story.event("clicked")
        // Two enter by the event, and of each a chain of ten follows, as far as nobody is inside twice.
        #expect(story.reasons.filter { $0 == "jumpLoop" }.count == 2)
        #expect(story.entered.count == 22)
    }

    // MARK: Profile

    @Test("A value that a journey sets is read by the nodes and journeys that follow")
    func profile() {
        let story = Story(
            plan(
                Self.entry
                    + ##", {"id": "a", "type": "updateProfile", "field": "loyalty.tier", "value": "'gold'", "next": "c"}, {"id": "c", "type": "condition", "paths": [{"label": "gold", "when": "#{profile.loyalty.tier} == 'gold'"}]}"##
            ))
        story.event("orderPlaced")
        #expect(story.told.contains("c>gold"))
        #expect(story.profile["loyalty"]?["tier"] == "gold")
        #expect(story.updates.map(\.path) == [["loyalty", "tier"]])
    }

    @Test("A value below something that is no object is an error")
    func profileError() {
        let story = Story(
            plan(Self.entry + #", {"id": "a", "type": "updateProfile", "field": "a.b", "value": "1"}"#),
            profile: ["a": 5])
        story.event("orderPlaced")
        #expect(story.told.suffix(2) == ["a!error(typeMismatch)", "left error(typeMismatch)"])
        #expect(story.profile == ["a": 5])
    }

    // MARK: Places under a cap

    static let capped =
        entry
        + #", {"id": "a", "type": "condition", "paths": [{"label": "first", "cap": 2, "next": "w"}, {"label": "second", "cap": 5, "next": "w"}], "otherwise": {}}, {"id": "w", "type": "wait", "for": "P1D"}"#

    @Test("Places are asked for one path after another, and the answer decides")
    func places() throws {
        let story = Story(plan(Self.capped))
        story.event("orderPlaced")
        var place = try #require(story.fetches.first?.places.first)
        #expect(place.name == "welcome:1:a:0" && place.limit == 2 && place.instance == story.instance)
        story.answerPlaces(false)
        place = try #require(story.fetches.first?.places.first)
        #expect(place.name == "welcome:1:a:1" && place.limit == 5)
        story.answerPlaces(true)
        #expect(story.told.suffix(3) == ["fetch", "fetch", "a>second"])
    }

    @Test("Without an answer the condition fails")
    func noPlace() {
        let story = Story(plan(Self.capped))
        story.event("orderPlaced")
        story.answerPlaces(nil)
        #expect(story.told.suffix(2) == ["a!error(lookupFailed)", "left error(lookupFailed)"])
    }

    // MARK: Goals

    @Test("A goal is counted once, inside or after, and not past its time", arguments: [(1, 1), (40, 1), (70, 0)])
    func goal(minutes: Int64, count: Int) {
        let story = Story(
            plan(
                Self.entry + #", {"id": "a", "type": "wait", "for": "PT30M"}"#,
                properties:
                    #"{"goal": {"event": "clicked", "filter": "@event{clicked.order.total} > 3", "within": "PT1H"}}"#))
        story.event("orderPlaced")
        story.advance(by: 60_000 * minutes)
        story.event("clicked", payload: ["order": ["total": 1]])
        story.event("clicked", payload: ["order": ["total": 5]])
        story.event("clicked", payload: ["order": ["total": 6]])
        #expect(story.told.filter { $0 == "goal" }.count == count)
        #expect(story.counts["goal"] ?? 0 == count)
    }

    @Test("When the window is over nothing of the goal is kept")
    func goalForgotten() {
        let story = Story(
            plan(
                #"{"id": "in", "type": "event", "event": "orderPlaced"}"#,
                properties: #"{"goal": {"event": "clicked", "within": "PT1H"}, "reentrance": {"after": "PT0S"}}"#))
        story.event("orderPlaced")
        #expect(story.fields.keys.filter { $0.hasPrefix("g:") }.count == 1)
        #expect(story.fieldChanges?.expiresAt == story.clock + 3_600_000)
        story.event("orderPlaced", after: 3_600_000)
        #expect(story.fields.keys.filter { $0.hasPrefix("g:") }.count == 1)
    }

    // MARK: Pauses

    static let acting = entry + ", " + acted
    static let acted =
        #"{"id": "a", "type": "action", "action": "ping", "next": "e"}, {"id": "e", "type": "event", "event": "clicked", "next": "z"}, {"id": "z", "type": "end"}"#

    @Test("Who comes to an action of a paused journey is held, keeps what occurs, and goes on when released")
    func held() {
        let plan = plan(
            #"{"id": "in", "type": "event", "event": "orderPlaced", "next": "w"}, {"id": "w", "type": "wait", "for": "PT1H", "next": "a"}, "#
                + Self.acted)
        let story = Story(plan)
        story.event("orderPlaced")
        story.use(.init(plan: plan, state: .paused(onAction: .hold)))
        story.event("orderPlaced")
        #expect(story.reasons == ["paused"])
        story.advance(by: 3_600_000)
        #expect(story.told.last == "held" && story.phase == "held" && story.held == [story.instance])
        story.event("clicked")
        story.handle(.release(instance: story.instance, cause: "c"))
        #expect(story.phase == "held", "it is paused still")
        story.use(.init(plan: plan, state: .live))
        story.handle(.release(instance: story.instance, cause: "c"))
        #expect(story.held.isEmpty && story.phase == "acting")
        story.perform()
        #expect(story.told.suffix(3) == ["e>next", "z", "left finished"])
    }

    @Test("Or leaves, where the pause discards")
    func discarded() {
        let plan = plan(Self.acting)
        let story = Story()
        story.use(.init(plan: plan, state: .live))
        story.event("orderPlaced")
        #expect(story.phase == "acting")
        story.use(.init(plan: plan, state: .paused(onAction: .discard)))
        story.perform()
        #expect(story.node == "e", "the request was on its way")
    }

    @Test("An update that makes the profile too large fails, with a way out or without, and comes to the same again")
    func largeProfile() throws {
        let nodes =
            Self.entry
            + ##", {"id": "a", "type": "updateProfile", "field": "text", "value": "#{profile.part} + #{profile.part}", "onError": {"next": "b"}, "next": "c"}, {"id": "b", "type": "updateProfile", "field": "text", "value": "#{profile.part} + #{profile.part}"}, {"id": "c", "type": "end"}"##
        let plan = plan(nodes, properties: #"{"history": "full", "reentrance": {"after": "PT0S"}}"#)
        for (bytes, told) in [
            (10_000, ["entered", "in>next", "a>next", "c", "left finished"]),
            (
                30_000,
                [
                    "entered", "in>next", "a>onError!error(profileTooLarge)", "b!error(profileTooLarge)",
                    "left error(profileTooLarge)",
                ]
            ),
        ] {
            let part = String(repeating: "x", count: bytes), other = String(repeating: "y", count: 200_000)
            let story = Story(plan, profile: ["part": .string(part), "other": .string(other)])
            story.event("orderPlaced")
            #expect(story.told == told)
            let found = try InstanceReplay.run(records: story.records, plans: [plan])
            #expect(InstanceReplay.difference(story.records, found) == nil)
        }
    }

    // MARK: Admissions

    static let reading = #"{"id": "in", "type": "readAudience", "audience": "gold", "next": "a"}"# + waiting

    @Test("One run admits a person once, also when the instance has gone")
    func admission() {
        let story = Story(
            plan(
                #"{"id": "in", "type": "readAudience", "audience": "gold"}"#,
                properties: #"{"reentrance": {"after": "PT0S"}}"#))
        for run in ["r-1", "r-1", "r-2", "r-2"] {
            story.handle(.admit(Admission(run: run, journey: "welcome", version: 1)))
        }
        #expect(story.entered.count == 2)
        #expect(story.counts["refused.alreadyAdmitted"] == 2)
        #expect(story.refusals.isEmpty)
    }

    @Test("A forced entrance lets who is inside leave and enter anew")
    func forced() {
        let story = Story(plan(Self.reading))
        story.handle(.admit(Admission(run: "r-1", journey: "welcome", version: 1)))
        story.handle(.admit(Admission(run: "r-2", journey: "welcome", version: 1)))
        #expect(story.reasons == ["alreadyInside"])
        story.handle(.admit(Admission(run: "r-3", journey: "welcome", version: 1, forceReentrance: true)))
        #expect(story.entered.count == 2)
        #expect(story.told(of: story.entered[0]).last == "left exited(forcedReentrance)")
    }

    @Test("Who exits an audience is new to the runs that read its increments")
    func incremental() {
        let story = Story(
            plan(
                #"{"id": "in", "type": "readAudience", "audience": "gold", "incremental": true}"#,
                properties: #"{"reentrance": {"after": "PT0S"}}"#))
        func move(_ audience: String, _ change: AudienceChange) -> [Effect] {
            story.handle(.audience(AudienceMove(id: "a", person: Story.person, audience: audience, change: change)))
        }
        func admit(_ run: String) { story.handle(.admit(Admission(run: run, journey: "welcome", version: 1))) }
        admit("r-1")
        admit("r-1")
        #expect(story.entered.count == 1 && story.counts["refused.alreadyAdmitted"] == 1)
        admit("r-2")
        #expect(story.entered.count == 2, "whom a run comes to is decided by who reads the audience")
        #expect(move("gold", .exited).contains(.unread(journey: "welcome")))
        #expect(!move("gold", .entered).contains(.unread(journey: "welcome")))
        #expect(!move("silver", .exited).contains(.unread(journey: "welcome")))
    }

    @Test("A business event's fields are read by the journey that it starts")
    func business() {
        let story = Story(
            plan(
                #"{"id": "in", "type": "businessEvent", "event": "priceDropped", "next": "r"}, {"id": "r", "type": "readAudience", "audience": "gold", "next": "s"}, {"id": "s", "type": "action", "action": "sms", "parameters": {"to": "@event{priceDropped.order.id}"}}"#
            ))
        story.handle(
            .admit(
                Admission(
                    run: "b-1", journey: "welcome", version: 1,
                    event: .init(name: "priceDropped", payload: ["order": ["id": "sku-1"]]))))
        #expect(story.told.prefix(3) == ["entered", "in>next", "r>next"])
        #expect(story.actions.first?.parameters["to"] == "sku-1")
    }

    // MARK: Runs

    @Test("In a test waits are short, ways are chosen, nothing is sent, and the profile is changed for the run alone")
    func run() {
        let tested = plan(
            Self.entry
                + ##", {"id": "a", "type": "updateProfile", "field": "vip", "value": "true", "next": "c"}, {"id": "c", "type": "condition", "paths": [{"label": "x", "when": "#{profile.vip} == false", "next": "s"}], "otherwise": {}}, {"id": "s", "type": "action", "action": "sms", "parameters": {"to": "'1'"}, "next": "w"}, {"id": "w", "type": "wait", "for": "P9D", "next": "d"}, {"id": "d", "type": "condition", "paths": [{"label": "kept", "when": "#{profile.vip} == true and @action{sms.id} == 'm-1'"}]}"##
        )
        var run = EngineRun(mark: RunMark(id: "t-1", kind: .test))
        run.waitMilliseconds = 10_000
        run.forcedPaths = ["c": "x"]
        let story = Story(profile: ["testProfile": true])
        story.engine = Engine(
            journeys: JourneySet([.init(plan: tested, state: .live)]), deployment: HashKey(first: 1, second: 2),
            partition: 3, run: run)
        story.event("orderPlaced")
        #expect(story.told.suffix(3) == ["a>next", "c>x", "s>next(notSent)"])
        #expect(story.profile == ["testProfile": true] && story.updates.isEmpty)
        story.advance(by: 10_000)
        #expect(story.told.contains("d>kept"))
        #expect(story.marks == [run.mark])
    }

    @Test("By a clock of its own a run gives no request up, and what happened outside has the run's time")
    func ownClock() {
        let tested = plan(
            Self.entry + #", {"id": "a", "type": "action", "action": "sms", "parameters": {"to": "'1'"}, "next": "w"}"#
                + #", {"id": "w", "type": "wait", "for": "P9D"}"#)
        var run = EngineRun(mark: RunMark(id: "t-1", kind: .test))
        run.sends = true
        run.hasOwnClock = true
        let story = Story(profile: ["testProfile": true])
        story.engine = Engine(
            journeys: JourneySet([.init(plan: tested, state: .live)]), deployment: HashKey(first: 1, second: 2),
            partition: 3, run: run)
        story.event("orderPlaced", after: 0)
        #expect(story.due() == Int64(91 * 86_400_000), "only the journey's own limit is left")
        #expect(story.traveler.openRequests == 1)
        story.advance(by: 30 * 86_400_000)
        #expect(story.cancelled.isEmpty && story.phase == "acting")
        let request = story.actions[0]
        let attempt = ActionResult.Attempt(at: 17, milliseconds: 8, status: "http_200")
        story.handle(
            .outcome(
                Outcome(
                    id: request.id, person: Story.person, instance: request.origin.instance, durationMilliseconds: 9,
                    result: .action(
                        ActionResult(succeeded: true, status: "http_200", response: .null, attempts: [attempt])))))
        #expect(story.steps[story.instance]?.allSatisfy { $0.at >= Story.start } == true)
        #expect(story.due() == Int64(39 * 86_400_000))
        #expect(story.traveler.openRequests == 0)
    }

    @Test("People come into a journey that only jumps lead into by no event")
    func enteredByJumpsAlone() {
        let jumping = plan(Self.entry + #", {"id": "a", "type": "jump", "journey": "other"}"#)
        let other = plan(Self.entry + Self.waiting, name: "other")
        let story = Story()
        story.engine = Engine(
            journeys: JourneySet(
                [.init(plan: jumping, state: .live), .init(plan: other, state: .live)], entered: ["welcome"]),
            deployment: HashKey(first: 1, second: 2), partition: 3)
        story.event("orderPlaced")
        #expect(story.entered.count == 2, "the jump leads there, and the event does not a second time")
        #expect(story.reasons.isEmpty)
    }

    @Test("Who is not marked for tests does not enter one")
    func testOnly() {
        let story = Story()
        story.engine = Engine(
            journeys: JourneySet([.init(plan: plan(Self.entry + Self.waiting), state: .live)]),
            deployment: HashKey(first: 1, second: 2), partition: 3,
            run: EngineRun(mark: RunMark(id: "t-1", kind: .test)))
        story.event("orderPlaced")
        #expect(story.reasons == ["testOnly"])
    }
}
