import Models
import Queues
import Redis
import TestKit
import Testing

@Suite("Appending to inboxes")
struct AppendTests {
    @Test("An event lies in the inbox with its time in front, and wakes nobody twice")
    func appended() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let entry = InboxEntry(partition: 3, element: event("e-1"))
            let results = try await fixture.appender().append([entry])
            guard case .appended(let at) = results[0] else {
                Issue.record("It was not appended: \(results)")
                return
            }
            let stored = try await fixture.list(fixture.keys.partition(3).inbox)
            #expect(stored == ["{\"at\":\(at)," + String(decoding: event("e-1").dropFirst(), as: UTF8.self)])
            let stimulus = try Stimulus(bytes: Array(stored[0].utf8))
            #expect(stimulus.at == at && stimulus.id == "e-1")
            #expect(try await fixture.field(fixture.keys.partition(3).state, "appended") == "\(at)")
        }
    }

    @Test("A repeated id is a duplicate, in the same call and in a later one, in each generation of the window")
    func duplicates() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let appender = fixture.appender()
            let first = InboxEntry(partition: 0, element: event("a"), duplicateHash: -5)
            let second = InboxEntry(partition: 0, element: event("b"), duplicateHash: 9_007_199_254_740_993)
            let results = try await appender.append([first, second, first])
            #expect(results[2] == .duplicate)
            #expect(results[0] != .duplicate && results[1] != .duplicate)
            #expect(try await appender.append([second, first]) == [.duplicate, .duplicate])
            #expect(try await fixture.inbox(0).map(\.id) == ["a", "b"])
            // The hash of the other one differs only beyond what a double holds.
            let near = InboxEntry(partition: 0, element: event("c"), duplicateHash: 9_007_199_254_740_992)
            #expect(try await appender.append([near])[0] != .duplicate)
        }
    }

    @Test("A repeat of a person's event leaves a stimulus without payload, where the inbox has room for it")
    func repeats() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let appender = fixture.appender { $0.inboxElementsMax = 3 }
            // Whatever the id and the payload hold, the payload's name is found.
            let id = #"a",\"payload\":{"#
            let entry = InboxEntry(partition: 0, element: event(id, text: #","payload":{}"#), duplicateHash: 5)
            #expect(try await appender.append([entry, entry])[1] == .duplicate)
            let stored = try await fixture.list(fixture.keys.partition(0).inbox).map { try JSONValue.parse($0) }
            #expect(stored.map { $0["kind"] } == ["event", "repeat"] && stored[1]["payload"] == nil)
            let second = try Stimulus(bytes: stored[1].bytes)
            guard case .repeated(let repeated) = second.body else { throw TestKitError("\(stored)") }
            #expect(repeated.id == id && repeated.person == Person(namespace: "crmId", id: "7"))
            #expect(repeated.events == ["orderPlaced"] && second.at == stored[0]["at"]?.integerValue)
            #expect(second.person == repeated.person && second.run == nil)
            let record = repeated.record(at: 7)
            #expect(record.events.map(\.kind) == [.event] && record.events[0].code == "duplicate" && record.stimulus == id)
            #expect(record.seen?.events == ["orderPlaced"])
            // The third fills the inbox; the fourth is a duplicate still, and nothing more comes in.
            #expect(try await appender.append([entry, entry]) == [.duplicate, .duplicate])
            #expect(try await fixture.count("LLEN", fixture.keys.partition(0).inbox) == 3)
            // A business event is for nobody.
            let business = InboxEntry(
                partition: 1, element: BusinessEvent(id: "b", events: ["sale"], payload: [:]).element, duplicateHash: 6)
            #expect(try await appender.append([business, business])[1] == .duplicate)
            let told = try await fixture.list(fixture.keys.partition(1).inbox)
            guard told.count == 2, case .repeated(let sale) = try Stimulus(bytes: Array(told[1].utf8)).body else {
                throw TestKitError("\(told)")
            }
            #expect(sale.id == "b" && sale.events == ["sale"] && sale.person == Person(namespace: "", id: ""))
        }
    }

    @Test("The duplicate window forgets after one and a half of its length at most, and not before its length")
    func window() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let appender = fixture.appender { $0.duplicateWindow = .milliseconds(600) }
            let entry = InboxEntry(partition: 0, element: event("a"), duplicateHash: 1)
            let start = ContinuousClock.now
            _ = try await appender.append([entry])
            var known = true
            while known {
                known = try await appender.append([entry]) == [.duplicate]
                if !known { break }
                try #require(ContinuousClock.now - start < .seconds(5), "The window never forgets")
            }
            #expect(ContinuousClock.now - start >= .milliseconds(600))
            try await eventually(within: .seconds(30), "the old generations expire") {
                try await fixture.send("KEYS", "*seen*").requireArray().isEmpty
            }
        }
    }

    @Test("At the cap events are refused one by one, and Sojourn's own stimuli go on")
    func inboxCap() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let appender = fixture.appender { $0.inboxElementsMax = 2 }
            let entries = [("a", 1), ("b", 2), ("c", 3)].map { id, hash in
                InboxEntry(partition: 0, element: event(id), duplicateHash: hash)
            }
            let results = try await appender.append(entries)
            #expect(results[2] == .full(.inbox))
            // What is in already answers so even now, what was refused is not remembered.
            #expect(try await appender.append(entries) == [.duplicate, .duplicate, .full(.inbox)])
            let own = InboxEntry(partition: 0, element: Stimulus.configuration(revision: 1), source: .inside)
            guard case .appended = try await appender.append([own])[0] else {
                Issue.record("A configuration change was refused")
                return
            }
            #expect(try await fixture.inbox(0).map(\.id) == ["a", "b", "config-1"])
        }
    }

    @Test("Above its mark, this queue stops what comes in", arguments: [FullQueue.fetches, .actions, .steps])
    func marks(queue: FullQueue) async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let appender = fixture.appender {
                $0.fetchesMark = 1
                $0.actionsMark = 1
                $0.stepsMark = 1
            }
            _ = try await fixture.send("RPUSH", "{sj:0}:\(queue.rawValue)", "x")
            let entry = InboxEntry(partition: 0, element: event("a"))
            #expect(try await appender.append([entry]) == [.full(queue)])
            _ = try await fixture.send("LPOP", "{sj:0}:\(queue.rawValue)")
            #expect(try await appender.append([entry]) != [.full(queue)])
        }
    }

    @Test("Times of acceptance never run back, not even behind the time of the last commit")
    func monotone() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let appender = fixture.appender()
            let state = fixture.keys.partition(0).state
            _ = try await fixture.send("HSET", state, "time", "9000000000000")
            _ = try await appender.append([InboxEntry(partition: 0, element: event("a"))])
            _ = try await fixture.send("HSET", state, "time", "1")
            _ = try await appender.append([InboxEntry(partition: 0, element: event("b"))])
            #expect(try await fixture.inbox(0).map(\.at) == [9_000_000_000_000, 9_000_000_000_000])
        }
    }

    @Test("With memory at its limit events are refused and Sojourn's own stimuli are taken")
    func outOfMemory() async throws {
        try await withRedis(maxMemory: "500kb") { (fixture: Fixture) async throws in
            let appender = fixture.appender()
            await #expect {
                try await appender.append([InboxEntry(partition: 0, element: event("a"))])
            } throws: { error in
                (error as? QueueError)?.code == .outOfMemory && (error as? QueueError)?.retry == .safe
            }
            let own = InboxEntry(partition: 0, element: Stimulus.configuration(revision: 1), source: .inside)
            _ = try await appender.append([own])
            #expect(try await fixture.inbox(0).count == 1)
        }
    }

    @Test("A key of another type is told, and nothing is written")
    func wrongType() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            _ = try await fixture.send("SET", fixture.keys.partition(0).inbox, "x")
            await #expect {
                try await fixture.appender().append([
                    InboxEntry(partition: 0, element: event("a"), duplicateHash: 1)
                ])
            } throws: { error in (error as? QueueError)?.code == .broken }
            #expect(try await fixture.send("KEYS", "*seen*").requireArray().isEmpty)
        }
    }
}
