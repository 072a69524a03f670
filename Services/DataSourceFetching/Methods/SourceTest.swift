import Definitions
import HTTPClient
import JSONRPC
import Models
import Outbound

/// `dataSources.test` and `dataSources.testAuthentication`: one real call, shown as it was sent and answered, secrets
/// masked.
struct SourceTest: Sendable {
    let store: DefinitionStore
    let client: SourceClient

    var methods: [RPCMethod] { [test, testAuthentication] }

    private var test: RPCMethod {
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
                    ("request", .object), ("response", .object), ("data", .any), ("note", .string),
                    ("error", .string), ("durationMs", .integer),
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
        let source = try await source(name)
        guard let group = source.group(groupName) else {
            throw DefinitionError(.notFound, "The data source has no group of this name.")
        }
        let parameters = params["params"]?.objectValue ?? [:]
        var answer: JSONObject = [:]
        let start = client.clock.milliseconds
        let open: HTTPAuthentication
        do {
            open = try await client.tokens.opened(
                source.authentication, within: .milliseconds(group.timeoutMilliseconds))
        } catch {
            if case .sealing(let cause) = error { throw cause }
            answer["error"] = .string(TokenFailure.code)
            answer["durationMs"] = .integer(client.clock.milliseconds - start)
            return .object(answer)
        }
        do throws(LookupFailure) {
            let shown = try SourceCall.request(
                group, parameters: parameters, authentication: source.authentication.masked)
            answer["request"] = Self.show(shown)
            var request = try SourceCall.request(group, parameters: parameters, authentication: open)
            request.timeout = .milliseconds(group.timeoutMilliseconds)
            let response = try await send(request)
            answer["response"] = Self.show(response, hiding: open.secretTexts)
            let data = try SourceAnswer.data(response)
            answer["data"] = SecretHiding.hide(open.secretTexts, in: data.value)
            if let note = data.note { answer["note"] = .string(note.rawValue) }
        } catch { answer["error"] = .string(error.code) }
        answer["durationMs"] = .integer(client.clock.milliseconds - start)
        return .object(answer)
    }

    private func source(_ name: String) async throws(DefinitionError) -> DataSourceDefinition {
        guard let stored = try await store.get(.dataSources, name) else {
            throw DefinitionError(.notFound, "There is no data source of this name.")
        }
        do { return try DataSourceDefinition(stored.document) } catch {
            throw DefinitionError.invalid(error, "The stored data source cannot be read.")
        }
    }

    private var testAuthentication: RPCMethod {
        RPCMethod(
            "dataSources.testAuthentication",
            summary:
                "Asks the endpoint of tokens of a data source once and shows request and response, secrets masked.",
            description: """
                For `custom` authentication; others need no call. `token` says whether one was found, \
                `lifetimeMs` for how long it would be used. A token that is in use stays.
                """,
            scope: .design, params: [.required("name", .name, "The data source.")],
            result: .object(
                [
                    ("request", .object), ("response", .object), ("token", .boolean), ("lifetimeMs", .integer),
                    ("error", .string), ("durationMs", .integer),
                ], required: ["token", "durationMs"]),
            errors: [.notFound, .notValidInThisState],
            example: RPCExample(
                params: ["name": "loyalty"],
                result: [
                    "request": ["method": "POST", "url": "https://id.example/token", "headers": [:]],
                    "response": ["status": 200, "headers": [:], "body": "{\"access_token\":\"••••••\"}"],
                    "token": true, "lifetimeMs": 3_600_000, "durationMs": 25,
                ])
        ) { _, params async throws(RPCError) in
            try await RPCError.from { () throws(DefinitionError) in
                try await callForToken(params["name"]?.stringValue ?? "")
            }
        }
    }

    private func callForToken(_ name: String) async throws(DefinitionError) -> JSONValue {
        guard case .custom(let custom) = try await source(name).authentication else {
            throw DefinitionError(.deployment, "This data source has no endpoint of tokens to ask.")
        }
        let shown = try custom.request { _ throws(DefinitionError) in Secret.mask }
        var answer: JSONObject = ["request": Self.show(shown), "token": false]
        let start = client.clock.milliseconds
        do throws(TokenFailure) {
            let response = try await client.tokens.ask(custom, within: .milliseconds(Limits.tokenTestMilliseconds))
            let token = custom.token(in: response)
            let secrets = (token.map { HTTPAuthentication.bearer(token: $0.text).secretTexts } ?? [])
            answer["response"] = Self.show(response, hiding: secrets)
            answer["token"] = .bool(token != nil && (200..<300).contains(response.status))
            if let token { answer["lifetimeMs"] = .integer(token.lifetime) }
        } catch {
            if case .sealing(let cause) = error { throw cause }
            answer["error"] = .string(TokenFailure.code)
        }
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
