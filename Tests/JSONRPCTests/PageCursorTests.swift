import Logging
import Models
import Testing

@testable import JSONRPC

@Suite("Cursors")
struct PageCursorTests {
    /// A list of numbers whose places are numbers; it answers the place that it was given.
    private func method(_ name: String, _ params: [RPCParameter] = []) -> RPCMethod {
        RPCMethod(
            name, summary: "Numbers.", scope: .read,
            params: params + [.optional("cursor", .cursor, "The cursor of the page before.")],
            result: .page(of: .integer), example: RPCExample(params: [:], result: ["items": []])
        ) { _, params throws(RPCError) in
            let place = params["cursor"]?.stringValue ?? "0"
            return ["items": [.string(place)], "cursor": .string("\((Int64(place) ?? -1) + 1)")]
        }
    }

    private func call(_ method: RPCMethod, _ params: JSONObject = [:]) async throws(RPCError) -> JSONValue {
        let context = RPCContext(
            principal: Principal(name: "a", scopes: [.read]), method: method.name, logger: .init(label: "test"),
            peer: .unknown)
        return try await method.handler(context, params)
    }

    private func isRefused(_ method: RPCMethod, _ params: JSONObject) async -> Bool {
        do throws(RPCError) {
            _ = try await call(method, params)
            return false
        } catch {
            return error.code == .invalidParams && error.data?["problems"]?[0]?["path"] == "/cursor"
        }
    }

    @Test("A list goes on where the page before ended")
    func goesOn() async throws {
        let list = method("a.list")
        var params = JSONObject()
        for number in 0..<300 {
            let page = try await call(list, params)
            #expect(page["items"] == [.string("\(number)")])
            params["cursor"] = page["cursor"]
        }
    }

    @Test("What the method did not give is refused", arguments: ["", "zzz", "-5", "0", "1", "AAAA", " ", "é", "a b=="])
    func foreign(text: String) async {
        #expect(await isRefused(method("a.list"), ["cursor": .string(text)]))
    }

    @Test("A cursor with one character changed, taken away or added is refused")
    func changed() async throws {
        let list = method("a.list")
        let cursor = try #require(try await call(list)["cursor"]?.stringValue)
        let characters = Array(cursor)
        for place in characters.indices {
            for other in "ABCXYZabcxyz0189-_+/= wW" where other != characters[place] {
                var changed = characters
                changed[place] = other
                #expect(await isRefused(list, ["cursor": .string(String(changed))]))
            }
            var shorter = characters
            shorter.remove(at: place)
            #expect(await isRefused(list, ["cursor": .string(String(shorter))]))
        }
        for end in ["A", "=", "\n"] { #expect(await isRefused(list, ["cursor": .string(cursor + end)])) }
    }

    @Test("A cursor is good for its method and its list alone, whatever filters and limits say")
    func otherList() async throws {
        let named = method("a.list", [.required("name", .name, "Whose."), .optional("filter", .object, "Which.")])
        let cursor = try #require(try await call(named, ["name": "x"])["cursor"])
        #expect(await isRefused(method("b.list", named.params.dropLast()), ["name": "x", "cursor": cursor]))
        #expect(await isRefused(named, ["name": "y", "cursor": cursor]))
        #expect(try await call(named, ["name": "x", "filter": ["a": 1], "cursor": cursor])["items"] == ["1"])
    }

    @Test("Places of any length and script come back as they were")
    func places() {
        for place in ["0", "ab", "abc", "Zoë 7", String(repeating: "x", count: 2_000), "\u{0}\u{7F}"] {
            let cursor = PageCursor.sealed(place, of: ["m"])
            #expect(PageCursor.place(cursor, of: ["m"]) == place)
            #expect(cursor.utf8.count <= 4_096)
        }
    }
}
