import CCurl
import Glibc
import Logging

/// The one thread on which everything of libcurl happens.
///
/// Not Sendable: made, run and dropped on its thread. A round takes what callers left, lets libcurl act on sockets that
/// are ready and timers that are due, and hands results out. libcurl is driven socket by socket, so that a thousand
/// calls that hang cost a busy one nothing.
final class EventLoop {
    private let settings: OutboundClientSettings
    private let policy: AddressPolicy
    private let mailbox: Mailbox
    private let counters: Counters
    private let logger: Logger

    private let multi: UnsafeMutableRawPointer
    private let watcher: SocketWatcher
    private let timer: CurlTimer

    private var places: PoolPlaces<Ticket>
    private var active: [ObjectIdentifier: Transfer] = [:]
    private var idle: [Transfer] = []
    private var figures = OutboundClientFigures()
    private var nextSweep = ContinuousClock.now
    private var closing: Mailbox.Closing?

    /// How often waiting requests are looked at for time-outs.
    private static let sweepInterval: Duration = .milliseconds(20)

    init(
        settings: OutboundClientSettings, policy: AddressPolicy, mailbox: Mailbox, counters: Counters, logger: Logger
    ) throws(HTTPError) {
        self.settings = settings
        self.policy = policy
        self.mailbox = mailbox
        self.counters = counters
        self.logger = logger
        places = PoolPlaces(totalMax: settings.inFlightMax, waitingMax: settings.waitingMax)
        guard let multi = curl_multi_init() else {
            throw HTTPError(.closed, "The client cannot start: libcurl does not.", retry: .safe)
        }
        self.multi = multi
        watcher = try SocketWatcher(wakeDescriptor: mailbox.wakeDescriptor)
        timer = CurlTimer()
        watcher.attach(to: multi)
        timer.attach(to: multi)
        // libcurl counts connections in use as well: with fewer, calls that hang would push out those kept for reuse.
        ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, settings.inFlightMax + settings.idleConnectionsMax)
    }

    deinit {
        active.removeAll()
        idle.removeAll()
        curl_multi_cleanup(multi)
    }

    /// Runs until the mailbox asks for the end and nothing is left, or its time is over.
    func run() {
        while !isOver {
            takePost()
            sweepWaiting()
            wait()
            if timer.isDue(at: .now) {
                timer.clear()
                act(on: CURL_SOCKET_TIMEOUT, 0)
            }
            takeResults()
            counters.set(figures)
        }
        finish()
    }

    private var isOver: Bool {
        guard let closing else { return false }
        return (active.isEmpty && places.waiting == 0) || .now >= closing.deadline
    }

    // MARK: what callers left

    private func takePost() {
        let post = mailbox.collect()
        for ticket in post.tickets { take(ticket) }
        for flag in post.cancelled { cancel(flag) }
        if let wish = post.closing {
            closing = Mailbox.Closing(
                deadline: min(closing?.deadline ?? wish.deadline, wish.deadline),
                waiters: (closing?.waiters ?? []) + wish.waiters)
        }
        figures.waiting = places.waiting
    }

    private func take(_ ticket: Ticket) {
        guard !ticket.flag.isRaised else {
            return answer(ticket, .failure(HTTPError(.cancelled, "The request was cancelled.", retry: .safe)))
        }
        let pool = ticket.pool
        switch places.offer(ticket, pool: pool, limit: ticket.request.connectionsMax) {
        case .start: start(ticket, pool: pool)
        case .wait: break
        case .full:
            answer(ticket, .failure(HTTPError(.queueFull, "As many requests as allowed are waiting.")))
        }
    }

    private func cancel(_ flag: CancelFlag) {
        if let transfer = active[ObjectIdentifier(flag)] {
            curl_multi_remove_handle(multi, transfer.easy)
            let unsent: RetryClass? = transfer.hasSent || transfer.redirects > 0 ? nil : .safe
            end(transfer, .failure(HTTPError(.cancelled, "The request was cancelled.", retry: unsent)))
            return
        }
        for ticket in places.removeWaiting(where: { $0.flag === flag }) {
            answer(ticket, .failure(HTTPError(.cancelled, "The request was cancelled.", retry: .safe)))
        }
    }

    private func sweepWaiting() {
        guard places.waiting > 0 else { return }
        let now = ContinuousClock.now
        guard now >= nextSweep else { return }
        nextSweep = now + Self.sweepInterval
        for ticket in places.removeWaiting(where: { $0.deadline <= now }) {
            let place = ticket.address.hostAndPort
            answer(
                ticket,
                .failure(HTTPError(.timedOut, "No place for a call to \(place) was free in time.", retry: .safe)))
        }
    }

    // MARK: what libcurl does

    private func start(_ ticket: Ticket, pool: String) {
        let remaining = ticket.deadline - .now
        guard remaining > .zero else {
            let place = ticket.address.hostAndPort
            fail(ticket, pool: pool, HTTPError(.timedOut, "\(place) was not reached in time.", retry: .safe))
            return
        }
        let transfer: Transfer
        do {
            transfer = try takeTransfer()
        } catch {
            fail(ticket, pool: pool, error)
            return
        }
        transfer.begin(ticket, pool: pool, remaining: remaining)
        active[ticket.id] = transfer
        figures.inFlight = active.count
        add(transfer)
    }

    private func fail(_ ticket: Ticket, pool: String, _ error: HTTPError) {
        places.leave(pool: pool)
        answer(ticket, .failure(error))
    }

    private func takeTransfer() throws(HTTPError) -> Transfer {
        if let kept = idle.popLast() { return kept }
        let transfer = try Transfer(settings: settings, policy: policy, watcher: watcher)
        figures.handles += 1
        return transfer
    }

    private func add(_ transfer: Transfer) {
        let code = curl_multi_add_handle(multi, transfer.easy)
        guard code != CURLM_OK else { return }
        logger.error("A request could not be handed to libcurl", metadata: ["code": "\(code.rawValue)"])
        end(transfer, .failure(HTTPError(.closed, "The client has no memory for another request.", retry: .safe)))
    }

    private func wait() {
        var milliseconds = timer.milliseconds(from: .now)
        if places.waiting > 0 { milliseconds = min(milliseconds, Self.sweepInterval.milliseconds) }
        if let closing {
            milliseconds = min(milliseconds, max((closing.deadline - .now).milliseconds + 1, 0))
        }
        // Results of the last round are looked at before sleeping, so only the mailbox can have more.
        if milliseconds > 0 && !mailbox.fallAsleep() { milliseconds = 0 }
        watcher.wait(milliseconds: milliseconds) { descriptor, events in
            if descriptor == mailbox.wakeDescriptor {
                mailbox.clearWake()
            } else {
                act(on: descriptor, events)
            }
        }
    }

    private func act(on descriptor: curl_socket_t, _ events: Int32) {
        var running: Int32 = 0
        curl_multi_socket_action(multi, descriptor, events, &running)
    }

    // MARK: results

    private func takeResults() {
        var easy: UnsafeMutableRawPointer?
        var code = CURLE_OK
        while ccurl_next_done(multi, &easy, &code) != 0 {
            guard let easy, let transfer = Self.transfer(of: easy) else { continue }
            figures.connectionsOpened += transfer.connectionsOpened
            curl_multi_remove_handle(multi, easy)
            if code == CURLE_OK || leavesOutBody(of: transfer, code) {
                received(transfer)
            } else {
                end(transfer, .failure(Failure.error(code, of: transfer)))
            }
        }
        while let (ticket, pool) = places.next() { start(ticket, pool: pool) }
        figures.waiting = places.waiting
    }

    private static func transfer(of easy: UnsafeMutableRawPointer) -> Transfer? {
        var context: UnsafeMutableRawPointer?
        guard ccurl_get_pointer(easy, CURLINFO_PRIVATE, &context) == CURLE_OK, let context else { return nil }
        return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    }

    /// Whether the answer counts without its body: nothing is wrong with it but that the body cannot be taken.
    private func leavesOutBody(of transfer: Transfer, _ code: CURLcode) -> Bool {
        guard let lostBody = transfer.ticket?.request.lostBody, lostBody != .fails,
            !transfer.verdicts.headersTooLong
        else { return false }
        if transfer.verdicts.bodyTooLong {
            transfer.leaveOutBody(.tooLong)
        } else if code == CURLE_BAD_CONTENT_ENCODING {
            transfer.leaveOutBody(.unreadable)
        } else if lostBody == .leftOutOfSuccess, (200..<300).contains(transfer.status),
            [CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_OPERATION_TIMEDOUT].contains(code)
        {
            transfer.leaveOutBody(.incomplete)
        } else {
            return false
        }
        return true
    }

    private func received(_ transfer: Transfer) {
        guard let ticket = transfer.ticket, let response = transfer.makeResponse(now: .now) else { return }
        let limit = ticket.request.redirects.limit
        guard limit > 0, Hop.isRedirect(response.status), let location = response.headers["Location"] else {
            return end(transfer, .success(response))
        }
        do {
            try follow(location, from: response, limit: limit, ticket: ticket, transfer: transfer)
        } catch {
            end(transfer, .failure(error))
        }
    }

    private func follow(
        _ location: String, from response: HTTPResponse, limit: Int, ticket: Ticket, transfer: Transfer
    ) throws(HTTPError) {
        guard let hop = transfer.hop else { return }
        let place = hop.address.hostAndPort
        let redirected = try hop.next(
            status: response.status, location: location, carriesCredentials: ticket.request.carriesCredentials)
        guard case .hop(let next) = redirected else { return end(transfer, .success(response)) }
        guard transfer.redirects < limit else {
            throw HTTPError(.tooManyRedirects, "\(place) redirects more often than allowed.")
        }
        let remaining = ticket.deadline - .now
        guard remaining > .zero else { throw HTTPError(.timedOut, "\(place) did not answer in time.") }
        transfer.follow(next, remaining: remaining)
        add(transfer)
    }

    private func end(_ transfer: Transfer, _ result: Ticket.Answer) {
        guard let ticket = transfer.ticket else { return }
        active[ticket.id] = nil
        places.leave(pool: transfer.pool)
        transfer.end()
        idle.append(transfer)
        figures.inFlight = active.count
        answer(ticket, result)
    }

    private func answer(_ ticket: Ticket, _ result: Ticket.Answer) {
        switch result {
        case .success: figures.completed += 1
        case .failure: figures.failed += 1
        }
        ticket.continuation.resume(returning: result)
    }

    // MARK: the end

    /// Fails whatever is left and tells those who wait for the end.
    private func finish() {
        for transfer in Array(active.values) {
            curl_multi_remove_handle(multi, transfer.easy)
            let unsent: RetryClass? = transfer.hasSent || transfer.redirects > 0 ? nil : .safe
            end(transfer, .failure(HTTPError(.closed, "The client was closed.", retry: unsent)))
        }
        for ticket in places.removeWaiting(where: { _ in true }) { answerClosed(ticket) }
        let late = mailbox.finish()
        for ticket in late.tickets { answerClosed(ticket) }
        figures.waiting = 0
        counters.set(figures)
        for waiter in (closing?.waiters ?? []) + (late.closing?.waiters ?? []) { waiter.resume() }
    }

    private func answerClosed(_ ticket: Ticket) {
        answer(ticket, .failure(HTTPError(.closed, "The client is closed.", retry: .safe)))
    }
}
