import CCurl

/// One exchange of a request: the first, or what a redirect made of it.
struct Hop {
    /// What follows from an answer that points elsewhere.
    enum Redirected {
        /// The exchange that comes next.
        case hop(Hop)
        /// The answer stands, as following it would be another request than the one that was asked for.
        case answer
    }

    let url: String
    let address: WebAddress
    let method: HTTPMethod
    let headers: HTTPHeaders
    let body: [UInt8]?
    /// Whether a request that may change something was made again already because of a 301 or 302.
    let isRepeat: Bool

    init(_ request: HTTPRequest, _ address: WebAddress) {
        url = request.url
        self.address = address
        method = request.method
        headers = request.headers
        body = request.body
        isRepeat = false
    }

    private init(of hop: Hop, at url: String, _ address: WebAddress, isRepeat: Bool) {
        self.url = url
        self.address = address
        method = hop.method
        headers = hop.headers
        body = hop.body
        self.isRepeat = isRepeat
    }

    /// The statuses whose `Location` is where to go.
    static func isRedirect(_ status: Int) -> Bool {
        switch status {
        case 301, 302, 303, 307, 308: true
        default: false
        }
    }

    /// What follows from a redirect.
    ///
    /// The method never changes. A request that only reads goes wherever it is sent. One that may change something
    /// goes on by 307 and 308, which ask for the same request; by 301 and 302 once, and only within its origin; by 303
    /// never, as that points to something to look at. Where it does not go on its answer stands: a look-up in its
    /// place would succeed though nothing was done.
    ///
    /// - Throws: `redirectRefused` when the target is no web address, leaves https, or is another origin while the
    ///   request carries credentials.
    func next(status: Int, location: String, carriesCredentials: Bool) throws(HTTPError) -> Redirected {
        let mayRepeat = method.onlyReads || status > 303
        guard mayRepeat || status != 303 && !isRepeat else { return .answer }
        let text: String
        let target: WebAddress
        do throws(HTTPError) {
            text = try resolve(location)
            target = try WebAddress(url: text)
        } catch {
            guard mayRepeat else { return .answer }
            throw HTTPError(.redirectRefused, "\(address.hostAndPort) redirects to what is no plain web address.")
        }
        guard mayRepeat || target == address else { return .answer }
        guard target.isSecure || !address.isSecure else {
            throw HTTPError(.redirectRefused, "\(address.hostAndPort) redirects from https to http.")
        }
        guard target == address || !carriesCredentials else {
            throw HTTPError(
                .redirectRefused, "\(address.hostAndPort) redirects a request with credentials to another origin.")
        }
        return .hop(Hop(of: self, at: text, target, isRepeat: isRepeat || !mayRepeat))
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
