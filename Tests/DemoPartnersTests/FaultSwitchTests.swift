import Models
import Testing

@testable import DemoPartners

@Suite("Switches and what is kept")
struct FaultSwitchTests {
    @Test("A switch holds for as many requests as it says")
    func times() throws {
        let desk = PartnerDesk(now: { 0 })
        desk.setSwitch(.sms, try FaultSwitch(["status": 503, "times": 2]))
        #expect(desk.takeSwitch(.push).status == nil)
        let statuses = (0..<3).map { _ in desk.takeSwitch(.sms).status }
        #expect(statuses == [503, 503, nil])
    }

    @Test(
        "What a switch cannot be is refused",
        arguments: [
            ["status": 700], ["status": "503"], ["delayMs": -1], ["delayMs": 1e9], ["times": 0], ["other": 1], [],
            "x", .null,
        ] as [JSONValue])
    func mistakes(_ value: JSONValue) {
        #expect(throws: FaultSwitch.Mistake.self) { try FaultSwitch(value) }
    }

    @Test("The same key gets the same id, no key always a new one")
    func keys() {
        let desk = PartnerDesk(now: { 0 })
        let ids = ["a", nil, "a", "b", nil].map { desk.accept(.sms, prefix: "m", key: $0) }
        #expect(ids.map(\.id) == ["m-1", "m-2", "m-1", "m-3", "m-4"])
        #expect(ids.map(\.isRepeat) == [false, false, true, false, false])
        #expect(!desk.accept(.push, prefix: "p", key: "a").isRepeat)
    }

    @Test("Keys and receipts beyond the bound are forgotten, oldest first")
    func bounds() {
        var keys = KeyMemory()
        for number in 0...Limits.keysMax { keys.remember("\(number)", as: "\(number)") }
        #expect(keys.id(of: "0") == nil)
        #expect(keys.id(of: "1") == "1")
        var log = ReceivedLog()
        for _ in 0..<(Limits.receivedMax + 5) { log.add(Receipt(status: 200, fields: [:]), at: 7) }
        #expect(log.total == Limits.receivedMax + 5)
        #expect(log.newest(10_000).count == Limits.receivedMax)
        #expect(log.newest(2).map(\.number) == [Limits.receivedMax + 5, Limits.receivedMax + 4])
    }

    @Test("Text put into a page is escaped")
    func escaping() {
        let text = #"<script>"&'"#
        let page: HTML = "<p>\(text)</p>"
        #expect(page.text == "<p>&lt;script&gt;&quot;&amp;&#39;</p>")
        let nested: HTML = "<div>\(page)</div>"
        #expect(nested.text == "<div><p>&lt;script&gt;&quot;&amp;&#39;</p></div>")
    }
}
