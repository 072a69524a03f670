import Definitions
import HTTPClient
import JSONRPC
import Models
import Outbound

/// `dataSources.test`: one real call of a field group, shown as it was sent and answered, secrets masked.
struct SourceTest: Sendable {
    let store: DefinitionStore
    let client: SourceClient

    var method: RPCMethod {
        RPCMethod(
            "dataSources.test", summary: "Calls a field group once and shows request and response, secrets masked.",
            description: """
                Neither cache nor repeats nor circuit breaker: what is shown is this call. `data` is the parsed \
                answer; `error` says why there is none, as a journey would see it.
                """,
            scope: .design,
            params: [
                .required("name", .name, "The data source."), .required("group", .name, "The field group."),
                .optional("params", .object, "The parameters' values, by name."),
            ],
            result: .object(
                [
                    ("request", .object), ("response", .object), ("data", .any), ("error", .string),
                    ("durationMs", .integer),
                ], required: ["durationMs"]),
            errors: [.notFound, .notValidInThisState],
            example: RPCExample(
                params: ["name": "loyalty", "group": "account", "params": ["memberId": "42"]],
                result: [
                    "request": [
                        "method": "GET", "url": "https://loyalty.example/v1/members/42",
                        "headers": ["Accept": "application/json"],
                    ],
                    "response": ["status": 200, "headers": [:], "body": "{\"tier\":\"gold\"}"],
                    "data": ["tier": "gold"], "durationMs": 12,
                ])
        ) { _, params async throws(RPCError) in
            try await RPCError.from { () throws(DefinitionError) in try await call(params) }
        }
    }

    private func call(_ params: JSONObject) async throws(DefinitionError) -> JSONValue {
        let name = params["name"]?.stringValue ?? "", groupName = params["group"]?.stringValue ?? ""
        guard let stored = try await store.get(.dataSources, name) else {
            throw DefinitionError(.notFound, "There is no data source of this name.")
        }
        let source: DataSourceDefinition
        do { source = try DataSourceDefinition(stored.document) } catch {
            throw DefinitionError.invalid(error, "The stored data source cannot be read.")
        }
        guard let group = source.group(groupName) else {
            throw DefinitionError(.notFound, "The data source has no group of this name.")
        }
        let parameters = params["params"]?.objectValue ?? [:]
        let open = try source.authentication.opened(client.sealing)
        var answer: JSONObject = [:]
        let start = client.clock.milliseconds
        do throws(LookupFailure) {
            let shown = try SourceCall.request(
                group, parameters: parameters, authentication: source.authentication.masked)
            answer["request"] = Self.show(shown)
            var request = try SourceCall.request(group, parameters: parameters, authentication: open)
            request.timeout = .milliseconds(group.timeoutMilliseconds)
            let response = try await send(request)
            answer["response"] = Self.show(response, hiding: open.secretTexts)
            answer["data"] = SecretHiding.hide(open.secretTexts, in: try SourceAnswer.data(response))
        } catch { answer["error"] = .string(error.code) }
        answer["durationMs"] = .integer(client.clock.milliseconds - start)
        return .object(answer)
    }

    private func send(_ request: HTTPRequest) async throws(LookupFailure) -> HTTPResponse {
        do { return try await client.http.send(request) } catch { throw LookupFailure(error) }
    }

    private static func show(_ request: HTTPRequest) -> JSONValue {
        var shown: JSONObject = [
            "method": .string(request.method.rawValue), "url": .string(request.url),
            "headers": headers(request.headers, hiding: []),
        ]
        if let body = request.body { shown["body"] = .string(String(decoding: body, as: UTF8.self)) }
        return .object(shown)
    }

    private static func show(_ response: HTTPResponse, hiding secrets: [String]) -> JSONValue {
        let text = String(decoding: response.body, as: UTF8.self)
        return [
            "status": JSONValue(response.status), "headers": headers(response.headers, hiding: secrets),
            "body": .string(String(SecretHiding.hide(secrets, in: text).prefix(Limits.shownCharactersMax))),
        ]
    }

    private static func headers(_ headers: HTTPHeaders, hiding secrets: [String]) -> JSONValue {
        var shown = JSONObject()
        for (name, value) in headers {
            let before = shown[name]?.stringValue.map { $0 + ", " } ?? ""
            shown[name] = .string(before + SecretHiding.hide(secrets, in: value))
        }
        return .object(shown)
    }
}
