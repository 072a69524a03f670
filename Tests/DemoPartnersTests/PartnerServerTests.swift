import HTTPClient
import JSONRPC
import Logging
import Models
import Testing

@testable import DemoPartners

@Suite("Partners over HTTP", .timeLimit(.minutes(1)))
struct PartnerServerTests {
    @Test("Members have their tier, with the key only")
    func loyalty() async throws {
        try await withPartners { partners in
            let path = "/loyalty/v1/members/"
            let gold = await partners.call(.get, path + "42", ["x-key": "demo-key"])
            #expect(gold.json == ["tier": "gold", "points": 1_240])
            #expect(await partners.call(.get, path + "42").status == 401)
            #expect(await partners.call(.get, path + "42", ["x-key": "other"]).status == 401)
            #expect(await partners.call(.get, path + "1", ["x-key": "demo-key"]).status == 404)
            let received = await partners.call(.get, "/loyalty/received")
            #expect(received.json["total"] == 4)
            #expect(received.json["received"]?[0]?["member"] == "1")
            #expect(received.json["received"]?[3]?["status"] == 200)
        }
    }

    @Test(
        "Cities have their weather",
        arguments: [
            ("Paris", 200, "rain"), ("berlin", 200, "sun"), ("Se%6Ful", 200, "snow"), ("Atlantis", 404, ""),
            ("", 400, ""),
        ])
    func weather(_ city: String, _ status: Int, _ condition: String) async throws {
        try await withPartners { partners in
            let answer = await partners.call(.get, "/weather/current?city=\(city)")
            #expect(answer.status == status)
            #expect(answer.json["condition"]?.stringValue ?? "" == condition)
        }
    }

    @Test("A message sent again with its key is one message")
    func repeated() async throws {
        try await withPartners { partners in
            let body: JSONValue = ["to": "+33 1 42", "message": ["body": "Hello"]]
            let key: HTTPHeaders = ["Idempotency-Key": "k1"]
            let first = await partners.call(.post, "/sms/send/eu", key, body.bytes)
            let second = await partners.call(.post, "/sms/send/eu", key, body.bytes)
            let third = await partners.call(.post, "/sms/send/eu", [:], body.bytes)
            #expect(first.json == ["id": "m-1", "status": "queued"])
            #expect(second.json == first.json)
            #expect(third.json["id"] == "m-2")
            let received = await partners.call(.get, "/sms/received?limit=2").json
            #expect(received["total"] == 3)
            #expect(received["received"]?.arrayValue?.count == 2)
            let middle = received["received"]?[1]
            #expect(middle?["repeat"] == true)
            #expect(middle?["to"] == "+33 1 42")
            #expect(middle?["text"] == "Hello")
            #expect(middle?["region"] == "eu")
            #expect(middle?["idempotencyKey"] == "k1")
        }
    }

    @Test("A push is taken, and what is no JSON object is not")
    func push() async throws {
        try await withPartners { partners in
            let body: JSONValue = ["recipient": "42", "notification": ["title": "T", "body": "B"]]
            #expect(await partners.call(.post, "/push/send", [:], body.bytes).json["id"] == "p-1")
            #expect(await partners.call(.post, "/push/send", [:], Array("[1]".utf8)).status == 400)
            #expect(await partners.call(.post, "/push/send", [:], Array("{".utf8)).status == 400)
            let received = await partners.call(.get, "/push/received").json["received"]?[2]
            #expect(received?["to"] == "42")
            #expect(received?["title"] == "T")
            #expect(received?["text"] == "B")
        }
    }

    @Test("A partner that is switched to fail does so, as often as asked, and takes the message afterwards")
    func faults() async throws {
        try await withPartners { partners in
            let wish: JSONValue = ["sms": ["status": 503, "retryAfter": 2, "times": 2], "push": ["delayMs": 1]]
            let set = await partners.call(.post, "/control", [:], wish.bytes)
            #expect(set.json["sms"]?["status"] == 503)
            let key: HTTPHeaders = ["Idempotency-Key": "k"]
            for expected in [503, 503, 200] {
                let answer = await partners.call(.post, "/sms/send/eu", key, Array("{}".utf8))
                #expect(answer.status == expected)
                #expect(answer.headers["retry-after"] == (expected == 503 ? "2" : nil))
            }
            let byQuery = await partners.call(.post, "/control?partner=weather&status=500")
            #expect(byQuery.json["weather"]?["status"] == 500)
            #expect(await partners.call(.get, "/weather/current?city=Paris").status == 500)
            let reset = await partners.call(.delete, "/control")
            #expect(reset.json["weather"]?["status"] == .null)
            #expect(reset.json["push"]?["delayMs"] == 0)
        }
    }

    @Test(
        "A switch that cannot be set changes nothing",
        arguments: [
            #"{"sms": {"status": 503}, "fax": {}}"#, #"{"sms": {"status": 503}, "push": {"status": 1}}"#, "[]", "", "{",
        ])
    func badSwitches(_ body: String) async throws {
        try await withPartners { partners in
            #expect(await partners.call(.post, "/control", [:], Array(body.utf8)).status == 400)
            #expect(await partners.call(.get, "/control").json["sms"]?["status"] == .null)
        }
    }

    @Test("Browsers get pages in which everything received is escaped")
    func pages() async throws {
        try await withPartners { partners in
            let body: JSONValue = ["to": "<script>alert(1)</script>", "text": "Tom & \"Jerry\""]
            _ = await partners.call(.post, "/sms/send/%3Cb%3E", [:], body.bytes)
            _ = await partners.call(.post, "/sms/send/eu", [:], body.bytes)
            let page = await partners.call(.get, "/sms/received", ["Accept": "text/html,*/*"])
            #expect(page.headers["content-type"] == "text/html; charset=utf-8")
            #expect(page.headers["content-security-policy"] == "default-src 'none'; style-src 'self'")
            #expect(!page.text.contains("<script"))
            #expect(page.text.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
            #expect(page.text.contains("Tom &amp; &quot;Jerry&quot;"))
            let front = await partners.call(.get, "/")
            for partner in Partner.allCases { #expect(front.text.contains("/\(partner.rawValue)/received")) }
            #expect(await partners.call(.get, "/partners.css").status == 200)
            #expect(await partners.call(.get, "/health/ready").status == 200)
        }
    }

    @Test("What was received can be cleared")
    func clearing() async throws {
        try await withPartners { partners in
            _ = await partners.call(.post, "/sms/send/eu", [:], Array("{}".utf8))
            #expect(await partners.call(.delete, "/sms/received").status == 200)
            #expect(await partners.call(.get, "/sms/received").json == ["total": 0, "received": []])
        }
    }
}
