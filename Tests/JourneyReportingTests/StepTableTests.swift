import Models
import Testing

@testable import JourneyReporting

@Suite("Step events as CSV")
struct StepTableTests {
    @Test(
        "A cell is quoted where it must be, and never a formula",
        arguments: [
            ("plain", "plain"), ("a,b", "\"a,b\""), ("a \"b\"", "\"a \"\"b\"\"\""),
            ("two\r\nlines", "\"two\r\nlines\""),
            ("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@x", "'@x"), ("\tx", "'\tx"),
            ("=HYPERLINK(\"http://x\",1)", "\"'=HYPERLINK(\"\"http://x\"\",1)\""), (-5, "-5"), (nil, ""),
            (true, "true"), (["a": [1, 2]], "\"{\"\"a\"\":[1,2]}\""),
            ("", ""),
        ] as [(JSONValue, String)])
    func cells(value: JSONValue, text: String) {
        #expect(StepTable.cell(value) == text)
    }

    @Test("A line has the columns of the head, whatever the step event holds")
    func line() {
        #expect(StepTable.line(["kind": "left", "at": "t"]).filter { $0 == "," }.count == StepTable.columns.count - 1)
        #expect(StepTable.head.hasSuffix("number\r\n"))
    }
}
