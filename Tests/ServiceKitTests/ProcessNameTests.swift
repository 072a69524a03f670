import Glibc
import TestKit
import Testing

@testable import ServiceKit

@Suite("Names of processes")
struct ProcessNameTests {
    private static let here = "0123456789abcdef"

    private func isGone(_ name: String, at place: String? = here, _ state: ProcessTable.State) -> Bool {
        ProcessName(name)?.isGone(at: place, ProcessTable { _ in state }) ?? false
    }

    @Test(
        "Gone is whose number nobody has, or another one that began later",
        arguments: [
            (ProcessTable.State.none, true), (.runs(since: 77), false), (.runs(since: 78), true), (.unknown, false),
        ])
    func judged(state: ProcessTable.State, expected: Bool) {
        #expect(isGone("journey-execution-\(Self.here)-4242-77-9c0ffee1", state) == expected)
    }

    @Test("Nothing is known of another place, of a place that is not known, and of names that say none")
    func unknown() {
        let name = "journey-execution-\(Self.here)-4242-77-9c0ffee1"
        #expect(!isGone(name, at: "0123456789abcdee", .none) && !isGone(name, at: nil, .none))
        for other in [
            "journey-execution-123e4567-e89b-12d3-a456-426614174000", "", "a-b-c-d",
            "x-\(Self.here)-0-77-1", "x-\(Self.here)-9999999999-77-1", "x-\(Self.here)-42-soon-1", "worker",
        ] { #expect(!isGone(other, .none), "\(other)") }
    }

    @Test("A place is one boot and one namespace of process numbers; what /proc tells of others is no place")
    func places() {
        func place(_ boot: String?, _ namespace: String?, own: String? = "42") -> String? {
            ProcessName.place(boot: boot, namespace: namespace, own: own, number: 42)
        }
        let one = place("b-1", "pid:[4026531836]")
        #expect(one?.utf8.count == 16 && one == place("b-1", "pid:[4026531836]"))
        // Another machine has the same number for its first namespace; a container of this one has another.
        #expect(one != place("b-2", "pid:[4026531836]") && one != place("b-1", "pid:[4026532000]"))
        #expect(place("b-1", "pid:[1]", own: "7") == nil && place("b-1", "pid:[1]", own: nil) == nil)
        #expect(place(nil, "pid:[1]") == nil && place("b-1", nil) == nil && place("", "pid:[1]") == nil)
    }

    @Test(
        "A process is read from its line in /proc, whatever its name is",
        arguments: [
            ("S", 3, ProcessTable.State.runs(since: 991)), ("T", 3, .runs(since: 991)), ("Z", 1, .none),
            ("X", 0, .none), ("Z", 3, .runs(since: 991)),
        ])
    func line(state: String, threads: Int, expected: ProcessTable.State) {
        let line = "42 (a) S 1 (b) \(state) 1 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 \(threads) 0 991 1000 2 184467"
        #expect(ProcessTable.state(stat: line) == expected)
    }

    @Test("What is no such line says nothing", arguments: ["", "42", "42 (a) S 1", "42 (a) S a b c d e f g h i j k l m n o p q r s t u"])
    func noLine(line: String) {
        #expect(ProcessTable.state(stat: line) == .unknown)
    }

    @Test("A child is there while it runs, also stopped, and gone when it has ended")
    func child() async throws {
        let child = try ChildProcess("/bin/sleep", ["600"])
        guard case .runs(let since) = ProcessTable.system.state(child.pid) else {
            Issue.record("a running process is not seen")
            return
        }
        let here = try #require(ProcessName.here)
        let name = try #require(ProcessName("service-\(here)-\(child.pid)-\(since)-1"))
        #expect(!name.isGone(at: here, .system))
        child.signal(SIGSTOP)
        #expect(!name.isGone(at: here, .system))
        child.signal(SIGKILL)
        // Before anybody has fetched it: it is a zombie.
        try await eventually("it is gone") { name.isGone(at: here, .system) }
        child.end()
        #expect(name.isGone(at: here, .system))
    }

    @Test("This process knows its own name, and is not gone by it")
    func own() throws {
        let here = try #require(ProcessName.here)
        let text = ProcessName.own(service: "action-dispatch", place: here, random: 7)
        #expect(text.hasPrefix("action-dispatch-\(here)-\(getpid())-") && text.hasSuffix("-7"))
        #expect(try #require(ProcessName(text)).isGone(at: here, .system) == false)
        let hidden = ProcessName.own(service: "action-dispatch", place: nil, random: 7)
        #expect(hidden.hasPrefix("action-dispatch-") && ProcessName(hidden) == nil)
    }
}
