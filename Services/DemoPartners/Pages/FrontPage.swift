import JSONRPC
import Models

/// Every partner with how it is called, how much it received and how it is switched.
enum FrontPage {
    static func answer(_ desk: PartnerDesk) -> HTTPAnswer {
        let switches = desk.switches
        let rows = Partner.allCases.map { partner -> HTML in
            let total = desk.received(partner, limit: 0).total
            return """
                <tr><td><a href="/\(partner.rawValue)/received">\(partner.title)</a></td>
                <td><code>\(partner.address)</code></td><td>\(total)</td>
                <td>\(state(switches[partner.rawValue]))</td></tr>

                """
        }
        return Page.answer(
            title: "Demo partners", refreshSeconds: 3,
            """
            <p>The partner systems of the examples. Nothing that arrives here goes any further.</p>
            <table>
            <thead><tr><th>Partner</th><th>Called by</th><th>Received</th><th>Works</th></tr></thead>
            <tbody>
            \(HTML.joined(rows))</tbody>
            </table>
            <p>To see retries, switch one to fail, and back:</p>
            <pre>curl -X POST /control -d '{"sms": {"status": 503, "delayMs": 200, "times": 3}}'
            curl -X DELETE /control</pre>
            """)
    }

    private static func state(_ value: JSONValue?) -> String {
        let status = value?["status"]?.integerValue.map { "fails with \($0)" }
        let delay = value?["delayMs"]?.integerValue.flatMap { $0 > 0 ? "waits \($0) ms" : nil }
        let times = value?["times"]?.integerValue.map { "\($0) times more" }
        let parts = [status, delay, times].compactMap { $0 }
        return parts.isEmpty ? "as it should" : parts.joined(separator: ", ")
    }
}
