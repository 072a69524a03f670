import Testing

@testable import JourneyExecution

@Suite("Turns of rounds")
struct TurnTests {
    @Test("Who runs alone has nothing beside, and gives up in time where somebody does not end")
    func alone() async {
        let turn = Turn(patience: .milliseconds(20))
        #expect(await turn.beginBeside())
        #expect(await turn.beginBeside())
        turn.endBeside()
        #expect(await !turn.begin(), "one runs still")
        turn.endBeside()
        #expect(await turn.begin(), "who gave up keeps nobody away")
        #expect(await !turn.begin())
        #expect(await !turn.beginBeside())
        turn.end()
        #expect(await turn.beginBeside(), "all have ended")
    }

    @Test("Nothing begins beside while somebody waits to be alone")
    func waiting() async {
        let turn = Turn(patience: .seconds(30))
        #expect(await turn.beginBeside())
        await withTaskGroup(of: String.self) { group in
            group.addTask { await turn.begin() ? "alone" : "gave up" }
            while !turn.isWanted { await Task.yield() }
            group.addTask { await turn.beginBeside() ? "beside" : "gave up" }
            turn.endBeside()
            #expect(await group.next() == "alone")
            turn.end()
            #expect(await group.next() == "beside")
            turn.endBeside()
        }
    }
}
