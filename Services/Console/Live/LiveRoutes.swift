import JSONRPC
import Logging
import Models
import Redis

/// `GET /live/{journey}`: the live sums of a journey as server-sent events (WHATWG HTML, "Server-sent events").
///
/// An event `sums` holds what `reports.live` answers: one at once, then one whenever the sums changed, at most four a
/// second, and once a second anyhow. A comment keeps the line open. When the session ends, an event `end` with
/// `{"reason":"signedOut"}` is the last.
struct LiveRoutes: Sendable {
    let callers: CallerCheck
    let hub: LiveHub
    let sums: LiveSums
    let logger: Logger

    func register(in routes: inout HTTPRoutes) {
        routes.on(.get, "/live/{journey}") { call throws(HTTPRefusal) in try await view(call) }
    }

    private func view(_ call: HTTPCall) async throws(HTTPRefusal) -> HTTPAnswer {
        if let site = call.header("sec-fetch-site"), site != "same-origin", site != "none" {
            throw .refused(403, "Live figures are not shown to the page of another site.")
        }
        let caller = try await caller(call)
        let journey = call.parameter("journey") ?? ""
        guard let place = hub.takePlace() else {
            throw HTTPRefusal(
                HTTPRefusal.refused(503, "Too many live views are open; close one or try again later.").answer
                    .adding("retry-after", "10").withPrivateHeaders)
        }
        // Heard before it is read, so that nothing is missed between.
        guard let subscription = hub.subscribe(to: journey) else {
            throw .refused(503, "The console is starting or ending; try again in a moment.")
        }
        let first = try await sums.now(of: journey, key: caller.key)
        await hub.watch(journey)
        let view = LiveView(
            journey: journey, caller: caller, callers: callers, hub: hub, sums: sums, subscription: subscription,
            place: place)
        return HTTPAnswer.stream(type: "text/event-stream", headers: [("x-accel-buffering", "no")]) { writer in
            do { try await view.run(writer, first) } catch {
                logger.debug("A live view ended", metadata: ["journey": "\(journey)", "cause": "\(error)"])
            }
        }.withPrivateHeaders
    }

    /// No CSRF token: reading changes nothing, and a page cannot give one with an `EventSource`.
    private func caller(_ call: HTTPCall) async throws(HTTPRefusal) -> CallerCheck.Caller {
        if call.header("authorization") != nil { return try await callers.changing(call) }
        if let caller = try await callers.signedIn(call) { return caller }
        throw HTTPRefusal(
            HTTPRefusal.refused(401, "Nobody is signed in here, or the session has ended; sign in again.").answer
                .withPrivateHeaders)
    }
}

/// One open view.
private struct LiveView: Sendable {
    let journey: String
    let caller: CallerCheck.Caller
    let callers: CallerCheck
    let hub: LiveHub
    let sums: LiveSums
    let subscription: RedisSubscription
    let place: LivePlace

    /// Writes until the other side is gone, the session ends or the console does.
    func run(_ writer: HTTPBodyWriter, _ first: JSONValue) async throws {
        defer { subscription.cancel() }
        try await writer.write(Array("retry: 2000\n\n".utf8))
        try await send("sums", first.bytes, writer)
        var lastWrite = ContinuousClock.now
        var lastCheck = lastWrite
        // The first gap is the beginning of hearing, which was before the first sums were read.
        var hasBegun = false
        while !hub.isClosing, !Task.isCancelled {
            var newest: [UInt8]?
            for notice in try await subscription.takeAll(within: Limits.liveTick) {
                switch notice {
                case .message(_, let payload): newest = payload
                case .gap:
                    if hasBegun { newest = (try? await sums.now(of: journey, key: caller.key))?.bytes ?? newest }
                    hasBegun = true
                }
            }
            if let newest {
                try await send("sums", newest, writer)
                lastWrite = .now
            } else if .now - lastWrite >= Limits.liveBeat {
                try await writer.write(Array(": beat\n\n".utf8))
                lastWrite = .now
            }
            if .now - lastCheck >= Limits.liveCheck {
                guard await callers.isStillIn(caller) else {
                    return try await send("end", Array(#"{"reason":"signedOut"}"#.utf8), writer)
                }
                await hub.watch(journey)
                lastCheck = .now
            }
        }
    }

    private func send(_ event: String, _ data: [UInt8], _ writer: HTTPBodyWriter) async throws {
        // The data is JSON on one line.
        try await writer.write(Array("event: \(event)\ndata: ".utf8) + data + Array("\n\n".utf8))
    }
}
