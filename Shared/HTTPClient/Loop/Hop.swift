import CCurl

/// One exchange of a request: the first, or what a redirect made of it.
struct Hop {
    let url: String
    let address: WebAddress
    let method: HTTPMethod
    let headers: HTTPHeaders
    let body: [UInt8]?

    init(_ request: HTTPRequest, _ address: WebAddress) {
        url = request.url
        self.address = address
        method = request.method
        headers = request.headers
        body = request.body
    }

    private init(url: String, address: WebAddress, method: HTTPMethod, headers: HTTPHeaders, body: [UInt8]?) {
        self.url = url
        self.address = address
        self.method = method
        self.headers = headers
        self.body = body
    }

    /// The statuses whose `Location` is where to go.
    static func isRedirect(_ status: Int) -> Bool {
        switch status {
        case 301, 302, 303, 307, 308: true
        default: false
        }
    }

    /// The next exchange after a redirect.
    ///
    /// - Throws: `redirectRefused` when the target is no web address, leaves https, or is another origin while the
    ///   request carries credentials.
    func next(status: Int, location: String, carriesCredentials: Bool) throws(HTTPError) -> Hop {
        let text = try resolve(location)
        let target: WebAddress
        do {
            target = try WebAddress(url: text)
        } catch {
            throw HTTPError(.redirectRefused, "\(address.hostAndPort) redirects to what is no plain web address.")
        }
        guard target.isSecure || !address.isSecure else {
            throw HTTPError(.redirectRefused, "\(address.hostAndPort) redirects from https to http.")
        }
        guard target == address || !carriesCredentials else {
            throw HTTPError(
                .redirectRefused, "\(address.hostAndPort) redirects a request with credentials to another origin.")
        }
        // As browsers do: 303 is always looked up, 301 and 302 turn a POST into a look-up.
        let becomesGet = method != .head && (status == 303 || (status < 303 && method == .post))
        guard becomesGet else {
            return Hop(url: text, address: target, method: method, headers: headers, body: body)
        }
        var headers = headers
        for name in ["Content-Type", "Content-Encoding", "Content-Language"] { headers[name] = nil }
        return Hop(url: text, address: target, method: .get, headers: headers, body: nil)
    }

    private func resolve(_ location: String) throws(HTTPError) -> String {
        let refusal = HTTPError(
            .redirectRefused, "\(address.hostAndPort) redirects to what is no plain web address.")
        guard let parsed = curl_url() else { throw refusal }
        defer { curl_url_cleanup(parsed) }
        var text: UnsafeMutablePointer<CChar>?
        defer { curl_free(text) }
        guard curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK,
            curl_url_set(parsed, CURLUPART_URL, location, UInt32(CURLU_URLENCODE)) == CURLUE_OK,
            curl_url_set(parsed, CURLUPART_FRAGMENT, nil, 0) == CURLUE_OK,
            curl_url_get(parsed, CURLUPART_URL, &text, 0) == CURLUE_OK, let text
        else { throw refusal }
        return String(cString: text)
    }
}
