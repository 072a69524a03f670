import CCurl
import Glibc

/// One libcurl handle and the request that it carries at the moment. Used on the loop's thread only.
final class Transfer {
    let easy: UnsafeMutableRawPointer
    private let policy: AddressPolicy
    fileprivate let watcher: SocketWatcher
    private let responseHeaderBytesMax: Int

    /// The request under way, and what of it changes from one hop to the next.
    private(set) var ticket: Ticket?
    private(set) var pool = ""
    private(set) var hop: Hop?
    private(set) var redirects = 0

    /// The answer so far.
    fileprivate(set) var body: [UInt8] = []
    fileprivate(set) var headerLines = HeaderLines()
    fileprivate(set) var verdicts = Verdicts()
    private var bodyLoss: HTTPResponse.BodyLoss?

    private var headerList: UnsafeMutablePointer<curl_slist>?
    private var bodyCopy: UnsafeMutableRawBufferPointer?

    /// What the callbacks found out.
    struct Verdicts {
        var refusedAddress = false
        var permittedAddress = false
        var bodyTooLong = false
        var headersTooLong = false
    }

    /// Fails when libcurl has no memory for a handle.
    init(settings: OutboundClientSettings, policy: AddressPolicy, watcher: SocketWatcher) throws(HTTPError) {
        guard let easy = curl_easy_init() else {
            throw HTTPError(.closed, "The client has no memory for another request.", retry: .safe)
        }
        self.easy = easy
        self.policy = policy
        self.watcher = watcher
        responseHeaderBytesMax = settings.responseHeaderBytesMax
        configure(settings)
    }

    deinit {
        curl_easy_cleanup(easy)
        curl_slist_free_all(headerList)
        bodyCopy?.deallocate()
    }

    /// Takes up a request; the handle may be added to the multi handle afterwards.
    func begin(_ ticket: Ticket, pool: String, remaining: Duration) {
        self.ticket = ticket
        self.pool = pool
        redirects = 0
        go(to: Hop(ticket.request, ticket.address), remaining: remaining)
    }

    /// Takes up the next hop of the same request.
    func follow(_ hop: Hop, remaining: Duration) {
        redirects += 1
        go(to: hop, remaining: remaining)
    }

    /// Lets go of the request; the handle keeps nothing of it.
    func end() {
        ticket = nil
        hop = nil
        body = []
        headerLines.removeAll()
        ccurl_set_list(easy, CURLOPT_HTTPHEADER, nil)
        curl_slist_free_all(headerList)
        headerList = nil
        ccurl_set_pointer(easy, CURLOPT_POSTFIELDS, nil)
        if let held = bodyCopy, held.count > Self.bodyKeptMax {
            held.deallocate()
            bodyCopy = nil
        }
    }

    /// The answer goes without its body.
    func leaveOutBody(_ loss: HTTPResponse.BodyLoss) {
        body = []
        bodyLoss = loss
    }

    /// The response, after the last hop.
    func makeResponse(now: ContinuousClock.Instant) -> HTTPResponse? {
        guard let ticket else { return nil }
        let isNew = getLong(CURLINFO_NUM_CONNECTS) > 0
        let connected = max(getOffset(CURLINFO_APPCONNECT_TIME_T), getOffset(CURLINFO_CONNECT_TIME_T))
        return HTTPResponse(
            status: getLong(CURLINFO_RESPONSE_CODE), headers: headerLines.parse(), body: body,
            bodyLoss: bodyLoss, address: peerAddress, redirects: redirects, totalTime: now - ticket.start,
            connectTime: isNew ? .microseconds(connected) : .zero, reusedConnection: !isNew)
    }

    var status: Int { getLong(CURLINFO_RESPONSE_CODE) }

    /// Whether a byte of the request went out on the hop that just ended.
    var hasSent: Bool { getLong(CURLINFO_REQUEST_SIZE) > 0 }

    var connectionsOpened: Int { getLong(CURLINFO_NUM_CONNECTS) }

    private static let bodyKeptMax = 64 << 10

    private var peerAddress: String {
        var text: UnsafePointer<CChar>?
        guard ccurl_get_string(easy, CURLINFO_PRIMARY_IP, &text) == CURLE_OK, let text else { return "" }
        let address = String(cString: text)
        let port = getLong(CURLINFO_PRIMARY_PORT)
        return address.utf8.contains(UInt8(ascii: ":")) ? "[\(address)]:\(port)" : "\(address):\(port)"
    }

    private func getLong(_ info: CURLINFO) -> Int {
        var value = 0
        return ccurl_get_long(easy, info, &value) == CURLE_OK ? value : 0
    }

    private func getOffset(_ info: CURLINFO) -> Int64 {
        var value: curl_off_t = 0
        return ccurl_get_offset(easy, info, &value) == CURLE_OK ? Int64(value) : 0
    }

    private func go(to hop: Hop, remaining: Duration) {
        self.hop = hop
        body = []
        bodyLoss = nil
        headerLines.removeAll()
        verdicts = Verdicts()
        ccurl_set_string(easy, CURLOPT_URL, hop.url)
        let milliseconds = max(remaining.milliseconds, 1)
        let connecting = min(ticket?.request.connectTimeout.milliseconds ?? milliseconds, milliseconds)
        ccurl_set_long(easy, CURLOPT_TIMEOUT_MS, Int(milliseconds))
        ccurl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, Int(connecting))
        setMethod(hop)
        setHeaders(hop)
    }

    private func setMethod(_ hop: Hop) {
        ccurl_set_string(easy, CURLOPT_CUSTOMREQUEST, nil)
        if hop.method == .head {
            ccurl_set_long(easy, CURLOPT_NOBODY, 1)
            return
        }
        ccurl_set_long(easy, CURLOPT_NOBODY, 0)
        guard hop.body != nil || hop.method.expectsBody else {
            ccurl_set_long(easy, CURLOPT_HTTPGET, 1)
            if hop.method != .get { ccurl_set_string(easy, CURLOPT_CUSTOMREQUEST, hop.method.rawValue) }
            return
        }
        ccurl_set_long(easy, CURLOPT_POST, 1)
        if hop.method != .post { ccurl_set_string(easy, CURLOPT_CUSTOMREQUEST, hop.method.rawValue) }
        keep(hop.body ?? [])
    }

    /// libcurl reads the body where it lies until the call ends, so it lies in memory of our own.
    private func keep(_ bytes: [UInt8]) {
        if bodyCopy == nil || bodyCopy.map({ $0.count < bytes.count }) == true {
            bodyCopy?.deallocate()
            bodyCopy = .allocate(byteCount: max(bytes.count, 1_024), alignment: 16)
        }
        guard let bodyCopy else { return }
        bodyCopy.copyBytes(from: bytes)
        ccurl_set_pointer(easy, CURLOPT_POSTFIELDS, bodyCopy.baseAddress)
        ccurl_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(bytes.count))
    }

    private func setHeaders(_ hop: Hop) {
        var list: UnsafeMutablePointer<curl_slist>?
        for field in hop.headers.fields {
            // An empty value needs libcurl's own spelling; "Name:" would remove the field.
            let line = field.value.isEmpty ? field.name + ";" : field.name + ": " + field.value
            list = curl_slist_append(list, line) ?? list
        }
        if hop.body != nil || hop.method.expectsBody {
            // No waiting for a 100, and no form type that nobody asked for.
            list = curl_slist_append(list, "Expect:") ?? list
            if hop.headers["Content-Type"] == nil { list = curl_slist_append(list, "Content-Type:") ?? list }
        }
        ccurl_set_list(easy, CURLOPT_HTTPHEADER, list)
        curl_slist_free_all(headerList)
        headerList = list
    }

    private func configure(_ settings: OutboundClientSettings) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        ccurl_set_pointer(easy, CURLOPT_PRIVATE, context)
        ccurl_set_pointer(easy, CURLOPT_WRITEDATA, context)
        ccurl_set_pointer(easy, CURLOPT_HEADERDATA, context)
        ccurl_set_pointer(easy, CURLOPT_OPENSOCKETDATA, context)
        ccurl_set_data_callback(easy, CURLOPT_WRITEFUNCTION, receiveBody)
        ccurl_set_data_callback(easy, CURLOPT_HEADERFUNCTION, receiveHeader)
        ccurl_set_open_socket_callback(easy, openSocket)
        // A connection outlives the handle that opened it, so its end is told to the watcher, which outlives both.
        ccurl_set_pointer(easy, CURLOPT_CLOSESOCKETDATA, Unmanaged.passUnretained(watcher).toOpaque())
        ccurl_set_close_socket_callback(easy, closeSocket)
        ccurl_set_string(easy, CURLOPT_PROTOCOLS_STR, "http,https")
        ccurl_set_string(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
        ccurl_set_long(easy, CURLOPT_FOLLOWLOCATION, 0)
        ccurl_set_long(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1)
        // An empty proxy is what keeps the environment's proxies out.
        ccurl_set_string(easy, CURLOPT_PROXY, "")
        ccurl_set_long(easy, CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
        ccurl_set_long(easy, CURLOPT_NOSIGNAL, 1)
        // Else removing a handle would wait, in the loop, for a resolver thread that hangs.
        ccurl_set_long(easy, CURLOPT_QUICK_EXIT, 1)
        ccurl_set_long(easy, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        ccurl_set_long(easy, CURLOPT_SSL_VERIFYPEER, 1)
        ccurl_set_long(easy, CURLOPT_SSL_VERIFYHOST, 2)
        if let file = settings.certificateFile { ccurl_set_string(easy, CURLOPT_CAINFO, file) }
        ccurl_set_string(easy, CURLOPT_USERAGENT, settings.userAgent)
        // Codings that libcurl undoes itself; what it writes is counted after that, so a bomb ends at the bound.
        ccurl_set_string(easy, CURLOPT_ACCEPT_ENCODING, "gzip, deflate")
        ccurl_set_long(easy, CURLOPT_MAXAGE_CONN, Int(settings.connectionIdleMax.components.seconds))
        ccurl_set_long(easy, CURLOPT_MAXLIFETIME_CONN, Int(settings.connectionAgeMax.components.seconds))
        ccurl_set_long(easy, CURLOPT_DNS_CACHE_TIMEOUT, Int(settings.dnsCache.components.seconds))
    }

    // MARK: what the callbacks do

    fileprivate func take(bodyBytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let longest = ticket?.request.responseBytesMax ?? 0
        guard body.count + bodyBytes.count <= longest else {
            verdicts.bodyTooLong = true
            return false
        }
        body.append(contentsOf: bodyBytes)
        return true
    }

    fileprivate func take(headerLine: UnsafeBufferPointer<UInt8>) -> Bool {
        guard headerLines.append(headerLine, bytesMax: responseHeaderBytesMax) else {
            verdicts.headersTooLong = true
            return false
        }
        return true
    }

    fileprivate func permits(_ address: UnsafeMutablePointer<curl_sockaddr>) -> Bool {
        guard let offset = MemoryLayout<curl_sockaddr>.offset(of: \curl_sockaddr.addr),
            let target = IPAddress.read(UnsafeRawPointer(address) + offset, family: address.pointee.family),
            let host = hop?.address.host, policy.permits(target.address, port: target.port, host: host)
        else {
            verdicts.refusedAddress = true
            return false
        }
        verdicts.permittedAddress = true
        return true
    }
}

private func receiveBody(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    pass(bytes, size * count, to: context) { $0.take(bodyBytes: $1) }
}

private func receiveHeader(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    pass(bytes, size * count, to: context) { $0.take(headerLine: $1) }
}

/// Any count but the one given makes libcurl end the transfer; for an empty piece that is 1.
private func pass(
    _ bytes: UnsafeMutablePointer<CChar>?, _ count: Int, to context: UnsafeMutableRawPointer?,
    _ take: (Transfer, UnsafeBufferPointer<UInt8>) -> Bool
) -> Int {
    guard let context, let bytes else { return count }
    let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    let taken = bytes.withMemoryRebound(to: UInt8.self, capacity: count) {
        take(transfer, UnsafeBufferPointer(start: $0, count: count))
    }
    return taken ? count : (count == 0 ? 1 : 0)
}

/// Opens the socket that libcurl asks for, or not: here the address is the one that will be used.
private func openSocket(
    _ context: UnsafeMutableRawPointer?, _ purpose: curlsocktype, _ address: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
    guard let context, let address, purpose == CURLSOCKTYPE_IPCXN else { return CURL_SOCKET_BAD }
    let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    guard transfer.permits(address) else { return CURL_SOCKET_BAD }
    let wanted = address.pointee
    let opened = socket(wanted.family, wanted.socktype | Int32(SOCK_CLOEXEC.rawValue), wanted.protocol)
    transfer.watcher.opened(opened)
    return opened
}

private func closeSocket(_ context: UnsafeMutableRawPointer?, _ socket: curl_socket_t) -> Int32 {
    if let context { Unmanaged<SocketWatcher>.fromOpaque(context).takeUnretainedValue().closed(socket) }
    return close(socket)
}
