import Engine
import Models
import Testing

@testable import JourneyExecution

@Suite("What a partition's owner keeps")
struct OwnedPartitionTests {
    @Test("A walk is read from the field that it is kept in", arguments: ["welcome", "a-b_c.d", "with:colon"])
    func walk(journey: String) {
        let walk = StopWalk(journey: journey, version: 12)
        #expect(StopWalk(field: walk.field) == walk)
    }

    @Test("Other fields of the state are no walks", arguments: ["commit", "walk", "walk:1", "walk:x:j", "suspect"])
    func otherFields(field: String) {
        #expect(StopWalk(field: field) == nil)
    }

    @Test("A member of timers says person and instance")
    func place() {
        let place = InstancePlace(member: InstancePlace.member(personKey: "email:a%20b", instance: "0f"))
        #expect(place?.personKey == "email:a%20b")
        #expect(place?.instance == "0f")
        #expect(InstancePlace(member: "nothing") == nil)
    }

    @Test("People without anything to remember are not held")
    func memory() {
        let memory = TravelerMemory(partitions: 1)
        let person = Person(namespace: "email", id: "a")
        memory.remember(["a": Traveler(person: person, fields: [("e:j", Array("1".utf8))])])
        #expect(memory["a"] != nil)
        memory.remember(["a": Traveler(person: person)])
        #expect(memory["a"] == nil)
    }

    @Test("Whoever was touched lately is held, and the memory is bounded")
    func memoryBound() {
        let memory = TravelerMemory(partitions: 1 << 20)
        func remember(_ key: String) {
            let person = Person(namespace: "email", id: key)
            memory.remember([key: Traveler(person: person, fields: [("e:j", Array("1".utf8))])])
        }
        for number in 0..<500 {
            remember("\(number)")
            remember("always")
        }
        #expect(memory["always"] != nil)
        #expect(memory["499"] != nil)
        #expect(memory["0"] == nil)
        let held = (0..<500).count { memory["\($0)"] != nil }
        #expect((31...63).contains(held))
    }

    @Test("A fault that nobody can act on is refused", arguments: ["before-read", "before-read:0", "trap:", "other:1"])
    func faults(text: String) {
        #expect(FaultPoints(text) == nil)
    }

    @Test(
        "Without a fault, and with one that can be acted on, the service starts",
        arguments: [nil, "", "trap:e", "after-read:3"])
    func goodFaults(text: String?) {
        #expect(FaultPoints(text) != nil)
    }
}
