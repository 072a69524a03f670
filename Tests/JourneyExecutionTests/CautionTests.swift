import Models
import Queues
import Testing

@testable import JourneyExecution
@testable import Queues

@Suite("How careful a new owner is")
struct CautionTests {
    private func caution(careful: Bool, suspect: String? = nil) throws -> Caution {
        var state = ["fence": "3", "commit": "7", "careful": careful ? "1" : "0"]
        state["suspect"] = suspect
        return Caution(try HeldLease(partition: 0, state: state))
    }

    @Test("After an owner that gave back in good order it is not careful at all")
    func returned() throws {
        #expect(try caution(careful: false) == .none)
        #expect(!Caution.none.isMarking && !Caution.none.isAlone)
    }

    @Test("After one that did not, batches are marked, until one batch's worth is passed")
    func marked() throws {
        var caution = try caution(careful: true)
        #expect(caution.isMarking && !caution.isAlone)
        caution.passed(Caution.batchMax - 1)
        #expect(caution.isMarking)
        caution.passed(1)
        #expect(caution == .none)
    }

    @Test("Marks of other commits mean nothing", arguments: ["6:1:40:,a,", "8:1:40:,a,", "", "x", "7", "7:1"])
    func otherMarks(text: String) throws {
        #expect(try !caution(careful: true, suspect: text).isAlone)
    }

    @Test("What a marked batch held is taken one at a time, exactly that, and then on in marked batches")
    func alone() throws {
        var caution = try caution(careful: true, suspect: "7:0:3:,")
        #expect(caution.isAlone && caution.alone == 3)
        #expect(caution.suspect(after: 1, commit: 8) == "8:0:2:,")
        caution.passed(1)
        #expect(caution.suspect(after: 1, commit: 9) == "9:0:1:,")
        caution.passed(1)
        #expect(caution.suspect(after: 1, commit: 10) == nil)
        caution.passed(1)
        #expect(!caution.isAlone && caution.isMarking)
        caution.end()
        #expect(caution == .none)
    }

    @Test("Where less is left than was marked, being alone ends")
    func less() throws {
        var caution = try caution(careful: true, suspect: "7:1:3:,a,")
        #expect(caution.suspect(after: 0, commit: 8) == nil)
        caution.endAlone()
        #expect(!caution.isAlone && caution.isMarking)
    }

    @Test("What is still to be taken alone stays so after an owner that gave back")
    func carried() throws {
        let caution = try caution(careful: false, suspect: "7:0:2:,")
        #expect(caution.alone == 2 && caution.marked == 0)
    }

    @Test("A mark of before, without a number, is of one thing")
    func before() throws {
        #expect(try caution(careful: true, suspect: "7:2:,a,b,").alone == 1)
    }

    @Test("A suspect is read as it is written")
    func text() {
        #expect(Suspect(Suspect(commit: 12, things: 40).text) == Suspect(commit: 12, things: 40))
    }
}
