import HTTPClient
import Models
import Outbound
import Testing

@testable import DataSourceFetching

@Suite("The call of a field group")
struct SourceCallTests {
    private func group(_ members: JSONObject) throws -> DataSourceDefinition.Group {
        var group: JSONObject = ["name": "account", "url": "https://loyalty.example/v1/members/{memberId}"]
        group.merge(members)
        let source = try DataSourceDefinition(["name": "loyalty", "groups": [.object(group)]])
        return try #require(source.group("account"))
    }

    @Test("Parameters of the path are encoded, the others go into the query, null ones nowhere")
    func places() throws {
        let group = try group(["parameters": ["memberId", "lang", "none", "count"]])
        let request = try SourceCall.request(
            group, parameters: ["memberId": "a/b c?", "lang": "fr&x", "none": nil, "count": 5, "foreign": "x"],
            authentication: .none)
        #expect(request.url == "https://loyalty.example/v1/members/a%2Fb%20c%3F?lang=fr%26x&count=5")
        #expect(request.method == .get)
        #expect(request.body == nil)
    }

    @Test("A POST takes its parameters into the body, and leaves out what is null")
    func body() throws {
        let group = try group([
            "method": "POST", "url": "https://loyalty.example/search", "parameters": ["id", "tier", "page"],
            "body": ["query": ["id": ["param": "id"], "tier": ["param": "tier"]], "fixed": 1],
        ])
        let request = try SourceCall.request(
            group, parameters: ["id": 42, "tier": nil, "page": 2], authentication: .none)
        #expect(request.url == "https://loyalty.example/search?page=2")
        #expect(request.body.map { String(decoding: $0, as: UTF8.self) } == #"{"query":{"id":42},"fixed":1}"#)
        #expect(request.headers["Content-Type"] == "application/json")
    }

    @Test("A parameter of the path that is missing or would leave it is refused", arguments: [
        (JSONValue.null, "missingParameter"), ("", "missingParameter"), ("..", "invalidParameter"),
        (".", "invalidParameter"),
    ])
    func refused(value: JSONValue, code: String) throws {
        let group = try group(["parameters": ["memberId"]])
        #expect(throws: LookupFailure(code)) {
            try SourceCall.request(group, parameters: ["memberId": value], authentication: .none)
        }
    }

    @Test("Headers of the definition and credentials are sent; credentials win")
    func headers() throws {
        let group = try group(["parameters": ["memberId"], "headers": ["Accept": "text/json", "x-key": "from the group"]])
        let request = try SourceCall.request(
            group, parameters: ["memberId": "1"], authentication: .apiKeyHeader(name: "x-key", value: "secret"))
        #expect(request.headers["accept"] == "text/json")
        #expect(request.headers["x-key"] == "secret")
        #expect(request.credentialHeaders.contains("x-key"))
    }

    @Test("An endpoint is scheme, host and port", arguments: [
        ("https://A.example:8443/v1?x=1", "https://a.example:8443"), ("http://a.example?x", "http://a.example"),
        ("http://a.example", "http://a.example"),
    ])
    func endpoints(url: String, endpoint: String) {
        #expect(Endpoint.of(url) == endpoint)
    }
}

@Suite("What journeys may lose by a change of a data source")
struct SourceFamilyTests {
    private func source(_ groups: JSONValue) throws -> DataSourceDefinition {
        try DataSourceDefinition(["name": "loyalty", "groups": groups])
    }

    @Test("Fields and groups may come and not go", arguments: [
        (["a": 1, "b": ["c": "x"]], ["a": 1, "b": ["c": "x", "d": 2], "e": 1], []),
        (["a": 1, "b": ["c": "x"]], ["a": 1, "b": [:]], ["/groups/0/sample/b"]),
        (["a": 1], ["a": "text"], ["/groups/0/sample/a"]),
        (["a": [["b": 1]]], ["a": [["c": 1]]], ["/groups/0/sample/a/0"]),
        (["a": nil], ["a": 5], []),
    ] as [(JSONValue, JSONValue, [String])])
    func fields(old: JSONValue, new: JSONValue, problems: [String]) throws {
        let before = try source([["name": "g", "url": "https://a.example/", "sample": old]])
        let after = try source([["name": "g", "url": "https://b.example/", "sample": new]])
        #expect(SourceFamily.removals(before, after).map(\.path) == problems)
    }

    @Test("Parameters and groups stay while in use")
    func parameters() throws {
        let before = try source([["name": "g", "url": "https://a.example/", "parameters": ["id"]]])
        let after = try source([["name": "g", "url": "https://a.example/", "parameters": ["id", "more"]]])
        #expect(SourceFamily.removals(before, after).map(\.path) == ["/groups/0/parameters"])
        let other = try source([["name": "h", "url": "https://a.example/"]])
        #expect(SourceFamily.removals(before, other).map(\.path) == ["/groups"])
    }

    @Test("Places that name no parameter are problems")
    func places() throws {
        let source = try source([
            ["name": "g", "url": "https://a.example/{id}", "parameters": ["x", "x"]],
            ["name": "h", "method": "POST", "url": "https://a.example/", "body": ["id": ["param": "id"]]],
        ])
        #expect(
            SourceFamily.problems(source).map(\.path) == ["/groups/0/url", "/groups/0/parameters", "/groups/1/body"])
    }
}
