import CCurl
import Logging

/// HTTP calls to third parties: bounded, checked by address, cancellable.
///
/// One client has one `AddressPolicy`, since a connection that is reused is not checked again; it shares connections,
/// names and handles between all requests. Calls run on one thread of the client's own; any number of tasks may send.
/// libcurl itself sends a request again when a *reused* connection turns out dead before the first byte of an answer:
/// what must not count twice carries an `Idempotency-Key`.
package final class OutboundClient: Sendable {
    private let settings: OutboundClientSettings
    private let mailbox: Mailbox
    private let counters = Counters()

    /// Starts the client's thread.
    ///
    /// - Throws: `closed` when the system has no thread, descriptor or memory left.
    package init(
        settings: OutboundClientSettings = .init(), policy: AddressPolicy = .init(), logger: Logger
    ) throws(HTTPError) {
        guard Self.isLibraryReady else {
            throw HTTPError(.closed, "The client cannot start: libcurl does not.", retry: .safe)
        }
        self.settings = settings
        let mailbox = try Mailbox(ticketsMax: settings.inFlightMax + settings.waitingMax)
        self.mailbox = mailbox
        let counters = counters
        try LoopThread.start {
            do {
                try EventLoop(
                    settings: settings, policy: policy, mailbox: mailbox, counters: counters, logger: logger
                ).run()
            } catch {
                logger.error("The outbound client could not start", metadata: ["error": "\(error)"])
                mailbox.refuseAll()
            }
        }
    }

    deinit {
        mailbox.abandon()
    }

    /// Makes the call and returns the answer, whatever its status.
    ///
    /// - Throws: `HTTPError`; its `retry` says what a repeat would mean. When the task is cancelled the call is given
    ///   up at once and fails as `cancelled`.
    package func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let address = try WebAddress(url: request.url)
        try RequestRules.check(request, settings: settings)
        let flag = CancelFlag()
        let start = ContinuousClock.now
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ticket = Ticket(
                    request: request, address: address, flag: flag, start: start, continuation: continuation)
                if let refusal = mailbox.submit(ticket) {
                    continuation.resume(returning: .failure(refusal))
                }
            }
        } onCancel: {
            flag.raise()
            mailbox.cancel(flag)
        }
        return try result.get()
    }

    /// Ends the client: new calls fail as `closed`, those under way have `grace` to finish and then fail as `closed`.
    /// Returns when all is over; may be called again.
    package func close(grace: Duration = .seconds(5)) async {
        await mailbox.close(deadline: .now + grace)
    }

    /// What the client is doing and has done.
    package var figures: OutboundClientFigures { counters.figures }

    /// Done once a process; the library counts and must not be torn down while a client lives.
    private static let isLibraryReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
}
