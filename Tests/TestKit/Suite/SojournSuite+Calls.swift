import HTTPClient
import Models

/// A method answered with an error.
package struct SuiteRPCFailure: Error, CustomStringConvertible {
    package let method: String
    package let code: Int64
    package let message: String
    package let data: JSONValue

    package var description: String { "\(method): \(code) \(message) \(data.text)" }
}

extension SojournSuite {
    /// The method's result; an error of the method is a ``SuiteRPCFailure``.
    ///
    /// - Parameter key: instead of the administrator's.
    @discardableResult
    package func call(
        _ service: SuiteService, _ method: String, _ params: JSONValue = [:], key: String? = nil,
        timeout: Duration = .seconds(20)
    ) async throws -> JSONValue {
        let body: JSONValue = ["jsonrpc": "2.0", "id": 1, "method": .string(method), "params": params]
        let response = try await send(
            service, "/rpc", body: body.bytes, headers: ["Content-Type": "application/json"], bearer: key ?? adminKey,
            timeout: timeout)
        guard let answer = try? JSONValue.parse(response.body), answer["error"] != nil || answer["result"] != nil else {
            throw TestKitError("\(method) was answered HTTP \(response.status) without JSON-RPC.")
        }
        if let error = answer["error"] {
            throw SuiteRPCFailure(
                method: method, code: error["code"]?.integerValue ?? 0, message: error["message"]?.stringValue ?? "",
                data: error["data"] ?? .null)
        }
        return answer["result"] ?? .null
    }

    /// Every item of a list, page by page.
    package func all(
        _ service: SuiteService, _ method: String, filter: JSONValue? = nil
    ) async throws -> [JSONValue] {
        var items: [JSONValue] = []
        var params = JSONObject([("limit", .integer(500))])
        params["filter"] = filter
        repeat {
            let page = try await call(service, method, .object(params))
            items += page["items"]?.arrayValue ?? []
            params["cursor"] = page["cursor"]
        } while params["cursor"].map { !$0.isNull } ?? false
        return items
    }

    /// A request as it is; any status is an answer.
    package func send(
        _ service: SuiteService, _ path: String, _ method: HTTPMethod = .post, body: [UInt8]? = nil,
        headers: HTTPHeaders = [:], bearer: String? = nil, timeout: Duration = .seconds(20)
    ) async throws -> HTTPResponse {
        var request = HTTPRequest(method, url(of: service) + path, headers: headers, body: body)
        if let bearer { request.headers["Authorization"] = "Bearer \(bearer)" }
        request.timeout = timeout
        request.responseBytesMax = 64 << 20
        return try await http.send(request)
    }

    /// Posts an event to the inlet, as an app does.
    package func collect(_ inlet: String, _ event: JSONValue, bearer: String? = nil) async throws -> HTTPResponse {
        try await send(
            .eventIngestion, "/collection/\(inlet)", body: event.bytes, headers: ["Content-Type": "application/json"],
            bearer: bearer)
    }
}

extension HTTPResponse {
    /// The body as JSON; null when it is none.
    package var json: JSONValue { (try? JSONValue.parse(body)) ?? .null }
}
