import Testing

@testable import JourneyReporting

@Suite("The live board")
struct LiveBoardTests {
    private func series(_ journey: String, run: String = "") -> TallySeries {
        TallySeries(
            journey: journey, version: 1, kind: "entered", node: "", type: "", status: "", path: "", code: "", run: run)
    }

    @Test("It knows the last minute and nothing older, journey by journey, without tests")
    func minute() {
        let board = LiveBoard()
        board.note([series("a"): 2, series("b"): 5, series("a", run: "r"): 7], at: 1_000)
        board.note([series("a"): 1], at: 30_000)
        #expect(board.lastMinute(of: "a", at: 59_999) == [series("a"): 3])
        #expect(board.lastMinute(of: "a", at: 61_000) == [series("a"): 1])
        #expect(board.lastMinute(of: "b", at: 61_000).isEmpty)
        #expect(board.takeChanged() == ["a", "b"])
        #expect(board.takeChanged().isEmpty)
    }
}
