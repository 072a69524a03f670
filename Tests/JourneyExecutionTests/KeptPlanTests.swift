import Definitions
import Engine
import Foundation
import JSONRPC
import Logging
import Models
import Queues
import Redis
import TestKit
import Testing

@testable import JourneyExecution

@Suite("The plan that was published")
struct KeptPlanTests {
    private static let reading = #"""
        {"id": "in", "type": "event", "event": "placed", "next": "c"},
        {"id": "c", "type": "condition", "paths": [{"when": "@event{placed._id} == \"x\"", "next": "w"}], "otherwise": {"next": "w"}},
        {"id": "w", "type": "wait", "for": "P1D"}
        """#

    private static func object(_ text: String) throws -> JSONObject {
        try #require(JSONValue.parse(Array(text.utf8)).objectValue)
    }

    /// As after a restart of the engine.
    private static func anotherKeeper(_ rig: RoundRig) -> PlanKeeper {
        PlanKeeper(
            store: rig.store, announcer: rig.announcer, trials: TrialStore(redis: rig.redis, keys: rig.keys),
            deployment: Deployment(id: "d", hashKey: HashKey(first: 1, second: 2), partitions: 1), now: RoundRig.now,
            logger: rig.logger)
    }

    private static func journey(_ rig: RoundRig, _ nodes: String = reading, name: String = "welcome") async throws {
        let document = try object(#"{"name": "\#(name)", "nodes": [\#(nodes)]}"#)
        _ = try await rig.book.create(document, by: rig.author)
        _ = try await rig.book.publish(name, basedOn: nil, by: rig.author)
    }

    private static func plan(_ keeper: PlanKeeper) async throws -> Plan? {
        try #require(await keeper.load(atLeast: 0)).journeys.plan(journey: "welcome", version: 1)
    }

    /// Past the services, as by hand with redis-cli; nobody is told.
    private static func overwrite(_ rig: RoundRig, _ kind: String, _ name: String, _ text: String) async throws {
        _ = try await rig.send("HSET", rig.keys.config(kind), name, text)
    }

    private static let otherSchema =
        #"{"revision":2,"name":"s","kind":"event","schema":{"type":"object","properties":{"_id":{"type":"integer"}}}}"#

    @Test("A version goes on by what it was published with, in a restarted engine too")
    func kept() async throws {
        try await RoundRig.run { rig in
            try await rig.define()
            try await Self.journey(rig)
            #expect(try await Self.plan(rig.plans) != nil)
            _ = try await rig.store.update(.schemas, "s", by: rig.author) { _ in
                (try? Self.object(Self.otherSchema)) ?? [:]
            }
            #expect(
                try await rig.book.validate(Self.object(#"{"name": "new", "nodes": [\#(Self.reading)]}"#))
                    .contains { $0.severity == .error }, "who compiled it now would fail")
            #expect(try await Self.plan(rig.plans) != nil)
            #expect(try await Self.plan(Self.anotherKeeper(rig)) != nil)
        }
    }

    @Test("A version from before gets what it compiles from, once and at the first look")
    func old() async throws {
        try await RoundRig.run { rig in
            try await rig.define()
            try await rig.publish(Self.reading)
            func record() async throws -> JourneyRecord {
                JourneyRecord(try #require(try await rig.store.get(.journeys, "welcome")).document)
            }
            #expect(try await record().versions[0].basis == nil)
            let before = try await record()
            await rig.plans.refresh(reads: false)
            let after = try await record()
            #expect(after.versions[0].basis != nil && after.revision == before.revision + 1)
            await rig.plans.refresh(reads: true)
            await Self.anotherKeeper(rig).refresh(reads: true)
            #expect(try await record().revision == after.revision, "once")
            try await Self.overwrite(rig, "schemas", "s", Self.otherSchema)
            #expect(try await Self.plan(Self.anotherKeeper(rig)) != nil)
        }
    }

    @Test("A version from before that does not compile waits for the definitions and gets nothing wrong")
    func oldAndBroken() async throws {
        try await RoundRig.run { rig in
            try await rig.define()
            try await rig.publish(Self.reading)
            let good = try #require(try await rig.store.get(.schemas, "s"))
            try await Self.overwrite(rig, "schemas", "s", Self.otherSchema)
            await rig.plans.refresh(reads: true)
            #expect(rig.plans.current.isBroken("welcome", 1))
            try await Self.overwrite(rig, "schemas", "s", JSONValue.object(good.document).text)
            await rig.plans.refresh(reads: false)
            #expect(!rig.plans.current.isBroken("welcome", 1), "while something is broken each look reads")
            #expect(try await rig.store.get(.journeys, "welcome")?.document["versions"]?[0]?["basis"] != nil)
        }
    }

    @Test(
        "What is damaged behind the services is seen, shown and listed, and so is that it is mended",
        arguments: [
            ("schemas", "s", "{", "the schema s"), ("events", "placed", #"{"revision":1,"name":"placed"}"#, "the event placed"),
        ])
    func damaged(kind: String, name: String, text: String, reason: String) async throws {
        try await RoundRig.run { rig in
            try await rig.define()
            try await Self.journey(rig)
            await rig.plans.refresh(reads: true)
            let good = try await rig.send("HGET", rig.keys.config(kind), name)
            func view() async throws -> JSONValue {
                JourneyView(record: try await rig.book.record("welcome"), broken: rig.book.broken("welcome")).json
            }
            #expect(try await view()["state"] == "live")
            try await Self.overwrite(rig, kind, name, text)
            await rig.plans.refresh(reads: true)
            let seen = try await view()
            #expect(seen["state"] == "broken" && seen["versions"]?[0]?["state"] == "broken")
            #expect(seen["broken"]?[0]?["reasons"]?[0]?.stringValue?.hasPrefix(reason) == true, "\(seen.text)")
            let listed = try await rig.send("HKEYS", rig.keys.config("broken")).elements?.compactMap(\.text)
            #expect(listed == ["welcome@1"])
            // A restarted engine says the same.
            let other = Self.anotherKeeper(rig)
            await other.refresh(reads: true)
            #expect(other.current.isBroken("welcome", 1))
            try await Self.overwrite(rig, kind, name, try #require(good.text))
            await rig.plans.refresh(reads: false)
            let mended = try await view()
            #expect(mended["state"] == "live" && mended["broken"] == nil)
            let left = try await rig.send("HKEYS", rig.keys.config("broken")).elements
            #expect(left?.isEmpty == true)
        }
    }

    @Test("A basis that cannot be read breaks the version, and is never taken for an empty one")
    func damagedBasis() async throws {
        try await RoundRig.run { rig in
            try await rig.define()
            try await Self.journey(rig)
            _ = try await rig.store.update(.journeys, "welcome", by: rig.author) { stored in
                var document = stored.document
                var version = document["versions"]?[0]?.objectValue ?? [:]
                version["basis"] = ["profile": 7]
                document["versions"] = [.object(version)]
                return document
            }
            await rig.plans.refresh(reads: true)
            #expect(rig.plans.current.broken["welcome"]?[1] == ["what it was compiled from cannot be read"])
        }
    }

    @Test("A journey that others lead into cannot be published with an entry that they do not fit")
    func jump() async throws {
        try await RoundRig.run { rig in
            try await rig.define()
            _ = try await rig.store.create(
                .events,
                try Self.object(
                    #"{"name": "device", "schema": "s", "type": "rule", "rule": "true", "namespace": "ecid", "key": "'1'"}"#),
                by: rig.author)
            try await Self.journey(rig, RoundRig.waiting, name: "target")
            let leading = #"""
                {"id": "in", "type": "event", "event": "placed", "next": "j"}, {"id": "j", "type": "jump", "journey": "target"}
                """#
            try await Self.journey(rig, leading)
            let other = #"{"id": "in", "type": "event", "event": "device", "next": "w"}, {"id": "w", "type": "wait", "for": "P1D"}"#
            _ = try await rig.book.update(try Self.object(#"{"name": "target", "nodes": [\#(other)]}"#), by: rig.author)
            do throws(RPCError) {
                _ = try await rig.book.publish("target", basedOn: nil, by: rig.author)
                Issue.record("it was published")
            } catch {
                #expect(error.code == .inUse && error.data?["usedIn"]?[0]?["name"] == "welcome", "\(error)")
            }
        }
    }
}
