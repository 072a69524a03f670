import Logging
import Models
import Synchronization
import Testing

@testable import JSONRPC

/// What answers to which body, clause by clause of the transport contract.
@Suite struct MessageTests {
    let traces = Traces()
    let everyone = Principal(name: "test", scopes: Set(Scope.allCases))

    func answer(_ body: String, _ principal: Principal? = nil) async -> String? {
        await answer(Array(body.utf8), principal)
    }

    func answer(_ body: [UInt8], _ principal: Principal? = nil) async -> String? {
        let dispatcher = RPCDispatcher(
            registry: testRegistry(traces),
            logger: .init(label: "test") { _ in RecordingHandler(traces: traces) }, reference: { "the-reference" })
        let message = body.withUnsafeBytes { RPCMessage.read($0) }
        return await dispatcher.answer(message, from: principal ?? everyone).map { String(decoding: $0, as: UTF8.self) }
    }

    func error(_ body: String) async -> JSONValue? {
        guard let text = await answer(body), let json = try? JSONValue.parse(text) else { return nil }
        return json["error"]
    }

    @Test(
        "The id comes back as it was written",
        arguments: [
            "1", "0", "-0", "-1", "1.0", "1e2", "1E+2", "0.10", "-0.0", "9007199254740993", "9223372036854775807",
            "123456789012345678901234567890", "\"\"", "\"1\"", "\"ü𝄞\"", "null",
        ])
    func identifiers(_ id: String) async {
        let answer = await answer(
            #"{"params": {"value": {"id": 7.0}}, "jsonrpc": "2.0", "id": \#(id) , "method": "test.echo"}"#)
        #expect(answer == #"{"jsonrpc":"2.0","result":{"id":7.0},"id":\#(id)}"#)
    }

    @Test("The id is found where its key is written with escapes, and in each member of a batch")
    func hiddenIdentifiers() async {
        let escaped = await answer(#"{"jsonrpc":"2.0","\u0069d":1.50,"method":"rpc.ping"}"#)
        #expect(escaped == #"{"jsonrpc":"2.0","result":"pong","id":1.50}"#)
        let batch = await answer(
            #" [ {"jsonrpc":"2.0","id":1.0,"method":"rpc.ping"}, 5 ,"#
                + #"{"method":"rpc.ping","x":["}",{"id":3}],"jsonrpc":"2.0","id":2e0} ]"#
        )
        #expect(batch?.contains(#""result":"pong","id":1.0}"#) == true)
        #expect(batch?.hasSuffix(#""result":"pong","id":2e0}]"#) == true)
    }

    @Test(
        "What is no request is answered with −32600 and the id null",
        arguments: [
            "1", "\"x\"", "null", "true", "{}", #"{"jsonrpc":"2.0"}"#, #"{"jsonrpc":"1.0","method":"rpc.ping","id":1}"#,
            #"{"jsonrpc":2.0,"method":"rpc.ping","id":1}"#, #"{"method":"rpc.ping","id":1}"#,
            #"{"jsonrpc":"2.0","method":1,"id":1}"#, #"{"jsonrpc":"2.0","method":"rpc.ping","params":"bar","id":1}"#,
            #"{"jsonrpc":"2.0","method":"rpc.ping","params":null,"id":1}"#,
            #"{"jsonrpc":"2.0","method":"rpc.ping","id":true}"#, #"{"jsonrpc":"2.0","method":"rpc.ping","id":[]}"#,
            #"{"jsonrpc":"2.0","method":"rpc.ping","id":{}}"#, "[]",
        ])
    func invalidRequests(_ body: String) async throws {
        let json = try JSONValue.parse(try #require(await answer(body)))
        #expect(json["error"]?["code"] == -32600)
        #expect(json["id"]?.isNull == true)
    }

    @Test(
        "What is not JSON is answered with −32700 and the id null",
        arguments: [
            "", " ", "{", #"{"jsonrpc":"2.0","method":"rpc.ping","id":1,}"#, #"{"a":1,"a":2}"#, "[1,]", "nul",
            "\u{FEFF}{}", #"{"jsonrpc":"2.0","method":"rpc.ping","id":1} x"#, #"["\ud800"]"#, "{'a':1}", "[1e999]",
        ])
    func unparsable(_ body: String) async throws {
        let json = try JSONValue.parse(try #require(await answer(body)))
        #expect(json["error"]?["code"] == -32700)
        #expect(json["id"]?.isNull == true)
    }

    @Test("Bytes that are not UTF-8 are −32700")
    func badUTF8() async {
        let body =
            Array(#"{"jsonrpc":"2.0","method":"test.echo","params":[""#.utf8) + [0xC3, 0x28]
            + Array(#""],"id":1}"#.utf8)
        #expect(await answer(body)?.contains("-32700") == true)
    }

    @Test("A depth of 128 is taken, one more is −32700")
    func depth() async {
        func body(_ depth: Int) -> String {
            let inside = String(repeating: "[", count: depth - 2) + String(repeating: "]", count: depth - 2)
            return #"{"jsonrpc":"2.0","method":"test.echo","params":[\#(inside)],"id":1}"#
        }
        #expect(await answer(body(128))?.contains("result") == true)
        #expect(await answer(body(129))?.contains("-32700") == true)
        #expect(await answer(String(repeating: "[", count: 1_000_000))?.contains("-32700") == true)
    }

    @Test("Params by position are mapped in the order of the declaration")
    func byPosition() async {
        #expect(
            await answer(#"{"jsonrpc":"2.0","method":"test.subtract","params":[42,23],"id":1}"#)
                == #"{"jsonrpc":"2.0","result":19,"id":1}"#)
        #expect(
            await answer(#"{"jsonrpc":"2.0","method":"test.subtract","params":[23,42],"id":1}"#)
                == #"{"jsonrpc":"2.0","result":-19,"id":1}"#)
        #expect(
            await answer(#"{"jsonrpc":"2.0","method":"test.subtract","params":{"subtrahend":23,"minuend":42},"id":1}"#)
                == #"{"jsonrpc":"2.0","result":19,"id":1}"#)
    }

    @Test(
        "Params that do not fit are −32602 with every path",
        arguments: [
            (#"{}"#, ["/minuend", "/subtrahend"]), (#"[]"#, ["/minuend", "/subtrahend"]),
            (#"[1,2,"cm","n",5]"#, ["/4"]), (#"["1",2]"#, ["/minuend"]), (#"[1001,2]"#, ["/minuend"]),
            (#"[1.5,2]"#, ["/minuend"]), (#"[null,2]"#, ["/minuend"]), (#"[1,2,"mile"]"#, ["/unit"]),
            (#"{"minuend":1,"subtrahend":2,"colour":3,"a/b":4}"#, ["/colour", "/a~1b"]),
        ])
    func invalidParams(_ params: String, _ paths: [String]) async throws {
        let error = try #require(await error(#"{"jsonrpc":"2.0","method":"test.subtract","params":\#(params),"id":1}"#))
        #expect(error["code"] == -32602)
        let problems = try #require(error["data"]?["problems"]?.arrayValue)
        #expect(problems.compactMap { $0["path"]?.stringValue } == paths)
        #expect(problems.allSatisfy { $0["message"]?.stringValue?.isEmpty == false })
    }

    @Test("A null for an optional parameter counts as left out")
    func nullParameter() async {
        #expect(
            await answer(#"{"jsonrpc":"2.0","method":"test.subtract","params":[5,3,null,null],"id":1}"#)
                == #"{"jsonrpc":"2.0","result":2,"id":1}"#)
    }

    @Test("Unknown params reach a method that reads them itself")
    func passedOn() async {
        #expect(
            await answer(#"{"jsonrpc":"2.0","method":"test.open","params":{"b":1,"a":2},"id":1}"#)
                == #"{"jsonrpc":"2.0","result":{"b":1,"a":2},"id":1}"#)
    }

    @Test("An unknown method is −32601 with the request's id")
    func unknownMethod() async throws {
        let json = try JSONValue.parse(
            try #require(await answer(#"{"jsonrpc":"2.0","method":"rpc.nothing","id":"x"}"#)))
        #expect(json["error"]?["code"] == -32601)
        #expect(json["id"] == "x")
    }

    @Test("A notification is carried out and never answered, whatever comes of it")
    func notifications() async {
        #expect(await answer(#"{"jsonrpc":"2.0","method":"test.note","params":["heard"]}"#) == nil)
        #expect(traces.calls.withLock { $0 } == ["heard"])
        #expect(await answer(#"{"jsonrpc":"2.0","method":"no.such"}"#) == nil)
        #expect(await answer(#"{"jsonrpc":"2.0","method":"test.note","params":[1]}"#) == nil)
        #expect(await answer(#"[{"jsonrpc":"2.0","method":"rpc.ping"},{"jsonrpc":"2.0","method":"rpc.ping"}]"#) == nil)
    }

    @Test("A batch is answered in its order, bad members one by one, notifications not at all")
    func batch() async throws {
        let body = """
            [{"jsonrpc":"2.0","method":"test.subtract","params":[1,2],"id":"1"},
             {"jsonrpc":"2.0","method":"test.note","params":["n"]},
             {"foo":"boo"}, 1, {"jsonrpc":"2.0","method":"foo.get","id":"5"},
             {"jsonrpc":"2.0","method":"test.note","params":["m"],"id":"9"}]
            """
        let text = try #require(await answer(body))
        let items = try #require(try JSONValue.parse(text).arrayValue)
        #expect(items.map { $0["id"] } == ["1", nil, nil, "5", "9"].map { $0 ?? JSONValue.null })
        #expect(items.map { $0["error"]?["code"]?.integerValue } == [nil, -32600, -32600, -32601, nil])
        #expect(traces.calls.withLock { $0 } == ["n", "m"])
    }

    @Test("A thousand members are taken, one more is one −32600 and nothing is carried out")
    func largeBatch() async throws {
        func body(_ count: Int) -> String {
            "["
                + Array(repeating: #"{"jsonrpc":"2.0","method":"test.note","params":["x"],"id":1}"#, count: count)
                .joined(separator: ",") + "]"
        }
        let taken = try #require(await answer(body(1_000)))
        #expect(try JSONValue.parse(taken).arrayValue?.count == 1_000)
        traces.calls.withLock { $0 = [] }
        let refused = try JSONValue.parse(try #require(await answer(body(1_001))))
        #expect(refused["error"]?["code"] == -32600)
        #expect(refused["id"]?.isNull == true)
        #expect(traces.calls.withLock { $0 }.isEmpty)
    }

    @Test("Members that only read run side by side up to the bound, others one after the other in order")
    func concurrency() async throws {
        let reads = Array(repeating: #"{"jsonrpc":"2.0","method":"test.together","params":[16],"id":1}"#, count: 40)
        let answer = try #require(await answer("[" + reads.joined(separator: ",") + "]"))
        #expect(!answer.contains("false"))
        #expect(traces.running.withLock { $0.most } == RPCDispatcher.concurrentMembersMax)
        let writes = (0..<50).map { #"{"jsonrpc":"2.0","method":"test.note","params":["\#($0)"],"id":\#($0)}"# }
        _ = await self.answer("[" + writes.joined(separator: ",") + "]")
        #expect(traces.calls.withLock { $0 } == (0..<50).map(String.init))
    }

    @Test(
        "A missing scope is −32003; admin contains all scopes and design contains read",
        arguments: [
            (Scope.read, "test.echo", true), (.read, "test.note", false), (.read, "test.open", false),
            (.design, "test.echo", true), (.design, "test.note", true), (.design, "test.open", false),
            (.admin, "test.echo", true), (.admin, "test.note", true), (.admin, "test.open", true),
            (.ingest, "test.echo", false), (.ingest, "test.note", false), (.ingest, "rpc.ping", true),
        ])
    func scopes(_ scope: Scope, _ method: String, _ isAllowed: Bool) async throws {
        let params = ["test.echo": "[1]", "test.note": #"["w"]"#, "test.open": "{}", "rpc.ping": "[]"][method] ?? "[]"
        let body = #"{"jsonrpc":"2.0","method":"\#(method)","params":\#(params),"id":1}"#
        let text = try #require(await answer(body, Principal(name: "p", scopes: [scope])))
        #expect(text.contains("-32003") != isAllowed)
    }

    @Test("What failed inside reaches the log under a reference, and the caller not at all")
    func internalError() async throws {
        let error = try #require(await error(#"{"jsonrpc":"2.0","method":"test.fail","id":1}"#))
        #expect(error["code"] == -32603)
        #expect(error["data"] == ["reference": "the-reference"])
        #expect(!error.text.contains("db.internal"))
        let logged = traces.logged.withLock { $0 }
        #expect(
            logged.contains { $0.contains("the-reference") && $0.contains("db.internal") && $0.contains("test.fail") })
    }

    @Test("Every code of Sojourn goes out as it is", arguments: RPCErrorCode.allCases)
    func codes(_ code: RPCErrorCode) async throws {
        let error = try #require(
            await error(#"{"jsonrpc":"2.0","method":"test.refuse","params":[\#(code.rawValue)],"id":1}"#))
        #expect(error["code"] == JSONValue(code.rawValue))
    }

    @Test("The data of each error is under the name that callers know")
    func errorData() {
        func data(_ error: RPCError) -> JSONObject? { error.data }
        #expect(data(.inUse(by: ["j"], "In use."))?["usedIn"] == ["j"])
        #expect(data(.journeyInvalid(findings: [["code": "x"]]))?["findings"] == [["code": "x"]])
        #expect(data(.tooMuch(retryAfterMilliseconds: 5, "Full."))?["retryAfterMs"] == 5)
        #expect(data(.staleRevision(current: 7))?["revision"] == 7)
        let expression = data(.expressionError(line: 1, column: 2, message: "m", suggestion: "s"))
        #expect(expression == ["line": 1, "column": 2, "message": "m", "suggestion": "s"])
    }
}
