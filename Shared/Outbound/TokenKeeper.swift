package import Definitions
package import HTTPClient
package import Models

/// Why there is no token to call a third party with.
package enum TokenFailure: Error, Sendable {
    /// The endpoint of tokens did not answer, or refused.
    case endpoint(RetryPolicy.Result)
    /// It answered, with nothing where the token should be.
    case noToken
    /// A secret could not be opened.
    case sealing(DefinitionError)

    /// What a journey sees as the code of the failure.
    package static let code = "authenticationFailed"
}

/// Gets tokens from their endpoints and keeps them: one call for all who need the same at once.
package actor TokenKeeper {
    /// Milliseconds that a token is used whose lifetime nobody says.
    static let lifetimeDefault: Int64 = 3_600_000
    /// Tokens kept; past it all are forgotten, and those needed are fetched anew.
    static let tokensMax = 1_000
    /// Bytes of an answer with a token.
    static let answerBytesMax = 256 << 10
    /// A token is renewed so many milliseconds before its end, as a call takes a while too.
    static let marginMilliseconds: Int64 = 2_000

    private struct Token {
        let text: String
        let until: Int64
    }

    private let http: OutboundClient
    private let sealing: SecretSealing
    /// Milliseconds since 1970.
    private let now: @Sendable () -> Int64
    private var tokens: [CustomAuthentication: Token] = [:]
    private var waiting: [CustomAuthentication: [CheckedContinuation<Void, Never>]] = [:]

    package init(http: OutboundClient, sealing: SecretSealing, now: @escaping @Sendable () -> Int64) {
        self.http = http
        self.sealing = sealing
        self.now = now
    }

    /// What to put onto a call, with its secrets opened. Never for logs or answers.
    ///
    /// - Parameter timeout: of the call for a token, where one is needed.
    package func opened(
        _ authentication: EndpointAuthentication, within timeout: Duration
    ) async throws(TokenFailure) -> HTTPAuthentication {
        guard case .custom(let custom) = authentication else {
            do { return try authentication.opened(sealing) } catch { throw .sealing(error) }
        }
        if let token = known(custom) { return custom.applied(token) }
        if waiting[custom] != nil {
            await withCheckedContinuation { waiting[custom]?.append($0) }
            if let token = known(custom) { return custom.applied(token) }
        }
        waiting[custom] = waiting[custom] ?? []
        defer { for one in waiting.removeValue(forKey: custom) ?? [] { one.resume() } }
        let response = try await ask(custom, within: timeout)
        guard (200..<300).contains(response.status) else {
            throw .endpoint(.answer(status: response.status, retryAfter: response.headers["Retry-After"]))
        }
        guard let (token, lifetime) = custom.token(in: response) else { throw .noToken }
        if tokens.count >= Self.tokensMax { tokens = [:] }
        tokens[custom] = Token(text: token, until: now() + lifetime - min(Self.marginMilliseconds, lifetime / 2))
        return custom.applied(token)
    }

    /// Forgets a token that was refused; true where another may be had. One that was renewed meanwhile stays.
    package func forget(_ authentication: EndpointAuthentication, refused: HTTPAuthentication) -> Bool {
        guard case .custom(let custom) = authentication else { return false }
        if let token = tokens[custom], custom.applied(token.text) == refused { tokens[custom] = nil }
        return true
    }

    /// One real call for a token, for whoever wants to see it; what is kept stays.
    package func ask(
        _ custom: CustomAuthentication, within timeout: Duration
    ) async throws(TokenFailure) -> HTTPResponse {
        var request: HTTPRequest
        do { request = try custom.request { secret throws(DefinitionError) in try secret.opened(sealing) } } catch {
            throw .sealing(error)
        }
        request.timeout = timeout
        request.responseBytesMax = Self.answerBytesMax
        do { return try await http.send(request) } catch { throw .endpoint(.failure(error)) }
    }

    private func known(_ custom: CustomAuthentication) -> String? {
        guard let token = tokens[custom], token.until > now() else { return nil }
        return token.text
    }
}

extension CustomAuthentication {
    /// The call for a token.
    ///
    /// - Parameter text: of a secret: opened, or its mask for a request that is only shown.
    package func request(
        _ text: (Secret) throws(DefinitionError) -> String
    ) throws(DefinitionError) -> HTTPRequest {
        var request = HTTPRequest(method == "GET" ? .get : .post, endpoint)
        request.headers["Accept"] = "application/json"
        for field in headers { request.headers[field.name] = try text(field.value) }
        guard method == "POST" else { return request }
        if isForm {
            var pairs: [String] = []
            for field in parameters {
                pairs.append(
                    PercentEncoding.component(field.name) + "=" + PercentEncoding.component(try text(field.value)))
            }
            request.body = Array(pairs.joined(separator: "&").utf8)
            request.headers["Content-Type"] = "application/x-www-form-urlencoded"
        } else {
            var object = JSONObject()
            for field in parameters { object[field.name] = .string(try text(field.value)) }
            request.body = JSONValue.object(object).bytes
            request.headers["Content-Type"] = "application/json"
        }
        return request
    }

    /// The token of an answer and its lifetime in milliseconds; nil where there is none.
    package func token(in response: HTTPResponse) -> (text: String, lifetime: Int64)? {
        let json = PartnerAnswer(response).value ?? .null
        let text: String
        if let tokenPath {
            text = json.value(at: tokenPath)?.stringValue ?? ""
        } else {
            let bytes = Charset.utf8(response.body, contentType: response.headers["Content-Type"]) ?? []
            let whole = String(decoding: bytes, as: UTF8.self)
            text = String(whole.split(whereSeparator: \.isNewline).first ?? "")
        }
        if text.isEmpty { return nil }
        switch lifetime {
        case nil: return (text, TokenKeeper.lifetimeDefault)
        case .fixed(let milliseconds): return (text, milliseconds)
        case .inResponse(let path, let unit):
            let value = json.value(at: path)
            let number = value?.decimalValue ?? value?.stringValue.flatMap(Double.init)
            guard let number, number >= 0, number < 1e9 else { return (text, 0) }
            return (text, Int64(number * Double(unit)))
        }
    }

    func applied(_ token: String) -> HTTPAuthentication {
        switch target {
        case .bearer: .bearer(token: token)
        case .header(let name): .apiKeyHeader(name: name, value: token)
        case .query(let name): .apiKeyQuery(name: name, value: token)
        }
    }
}
