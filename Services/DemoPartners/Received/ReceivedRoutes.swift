import JSONRPC
import Models

/// What each partner received, as a page for people and as JSON for programs, and the front page.
enum ReceivedRoutes {
    static func add(to routes: inout HTTPRoutes, desk: PartnerDesk) {
        routes.on(.get, "/") { _ throws(HTTPRefusal) in FrontPage.answer(desk) }
        routes.on(.get, "/partners.css") { _ throws(HTTPRefusal) in
            .bytes(Array(StyleSheet.text.utf8), type: "text/css; charset=utf-8")
        }
        for partner in Partner.allCases {
            routes.on(.get, "/\(partner.rawValue)/received") { call throws(HTTPRefusal) in
                let limit = min(call.queryItem("limit").flatMap { Int($0) } ?? Limits.listedMax, Limits.receivedMax)
                let (receipts, total) = desk.received(partner, limit: limit)
                return wantsPage(call)
                    ? ReceivedPage.answer(partner, receipts, total: total) : json(receipts, total: total)
            }
            routes.on(.delete, "/\(partner.rawValue)/received") { _ throws(HTTPRefusal) in
                desk.clear(partner)
                return .json(["received": [], "total": 0])
            }
        }
    }

    /// `{"total": 7, "received": [newest, …]}`.
    private static func json(_ receipts: [Receipt], total: Int) -> HTTPAnswer {
        .json(["total": .integer(Int64(total)), "received": .array(receipts.map(\.json))])
    }

    /// Browsers say that they want HTML; `?format=json` or `html` overrules.
    private static func wantsPage(_ call: HTTPCall) -> Bool {
        switch call.queryItem("format") {
        case "html": true
        case "json": false
        default: call.header("accept")?.contains("text/html") ?? false
        }
    }
}
