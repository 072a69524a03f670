import JSONRPC
import Logging
import Metrics
import Models
import Queues
import ServiceKit

/// `POST /collection/{inletId}` and `POST /collection/batch/{inletId}`: how apps, sites and servers send events.
struct CollectionRoutes: Sendable {
    let taker: EventTaker
    let book: EventBook
    let limiter: AddressLimiter
    let rejected: RejectedEvents
    let bodyBytesMax: Int
    let batchMax: Int
    let clock: @Sendable () -> Int64
    let makeID: @Sendable () -> String
    let logger: Logger
    private let accepted = Counter(label: "sojourn_ingest_total", dimensions: [("result", "accepted")])
    private let duplicates = Counter(label: "sojourn_ingest_total", dimensions: [("result", "duplicate")])
    private let invalid = Counter(label: "sojourn_ingest_total", dimensions: [("result", "invalid")])
    private let full = Counter(label: "sojourn_ingest_total", dimensions: [("result", "full")])

    func register(in routes: inout HTTPRoutes) {
        routes.on(.post, "/collection/{inletId}") { call throws(HTTPRefusal) in try await one(call) }
        routes.on(.post, "/collection/batch/{inletId}") { call throws(HTTPRefusal) in try await batch(call) }
        for path in ["/collection/{inletId}", "/collection/batch/{inletId}"] {
            routes.on(.options, path) { call throws(HTTPRefusal) in try preflight(call) }
        }
    }

    private func one(_ call: HTTPCall) async throws(HTTPRefusal) -> HTTPAnswer {
        let inlet = try inlet(call)
        return try await withOrigin(inlet, call) { () async throws(HTTPRefusal) in
            try await admit(inlet, call)
            let body = try await text(call)
            let event: (JSONValue, [UInt8]?)
            switch Self.entity(body) {
            case .success(let found): event = found
            case .failure(let error):
                return answer(problems: [Problem(path: "", message: error.description)])
            }
            let result: EventTaker.Answer
            do throws(QueueError) { result = try await taker.take(event.0, text: event.1, inlet: inlet) } catch {
                throw refusal(error)
            }
            return answer(result, event.0, inlet)
        }
    }

    private func batch(_ call: HTTPCall) async throws(HTTPRefusal) -> HTTPAnswer {
        let inlet = try inlet(call)
        return try await withOrigin(inlet, call) { () async throws(HTTPRefusal) in
            try await admit(inlet, call)
            let body = try await text(call)
            guard let value = try? JSONValue.parse(body), let messages = value["messages"]?.arrayValue else {
                return answer(problems: [Problem(path: "/messages", message: "must be an array of events")])
            }
            if messages.count > batchMax {
                return answer(problems: [Problem(path: "/messages", message: "has more than \(batchMax) events")])
            }
            let entities = messages.map { Self.enveloped($0) ?? $0 }
            let results: [EventTaker.Answer]
            do throws(QueueError) { results = try await taker.take(entities.map { ($0, nil) }, inlet: inlet) } catch {
                throw refusal(error)
            }
            let responses = zip(entities, results).map { entity, result -> JSONValue in
                let (status, body) = response(result, entity, inlet)
                var object = body.objectValue ?? JSONObject()
                object["status"] = JSONValue(status)
                return .object(object)
            }
            let answer: JSONValue = [
                "inletId": .string(inlet.id), "batchId": .string(makeID()), "receivedTimeMs": .integer(clock()),
                "responses": .array(responses),
            ]
            return .json(answer, status: 207)
        }
    }

    // MARK: Who may send

    private func inlet(_ call: HTTPCall) throws(HTTPRefusal) -> InletDefinition {
        let id = call.parameter("inletId") ?? ""
        guard let inlet = book.current.inlets[id] else { throw .refused(404, "There is no such inlet.") }
        return inlet
    }

    private func admit(_ inlet: InletDefinition, _ call: HTTPCall) async throws(HTTPRefusal) {
        switch inlet.authentication {
        case .none:
            let wait = limiter.refusal(
                inlet: inlet.id, address: call.remoteAddress ?? "", perSecond: inlet.rateLimit, now: clock())
            if let wait { throw tooMuch(milliseconds: wait) }
        case .apiKey:
            let bearer = call.header("authorization").flatMap {
                $0.hasPrefix("Bearer ") ? String($0.dropFirst(7)) : nil
            }
            guard let key = call.header("x-api-key") ?? bearer, let hash = inlet.keyHash,
                APIKey.matches(key, hash: hash)
            else { throw .refused(401, "This inlet needs its API key: Authorization: Bearer, or x-api-key.") }
        case .jwt: _ = try await call.require(.ingest)
        }
        let type = call.header("content-type") ?? ""
        if !type.lowercased().hasPrefix("application/json") {
            throw .refused(415, "The content type must be application/json.")
        }
    }

    /// Adds what browsers need (CORS); an origin that is not on the inlet's list is refused.
    private func withOrigin(
        _ inlet: InletDefinition, _ call: HTTPCall, _ work: () async throws(HTTPRefusal) -> HTTPAnswer
    ) async throws(HTTPRefusal) -> HTTPAnswer {
        guard let origin = call.header("origin") else { return try await work() }
        guard inlet.origins.isEmpty || inlet.origins.contains(origin) else {
            throw .refused(403, "This origin may not send to this inlet.")
        }
        do {
            return Self.shared(try await work(), origin)
        } catch {
            throw HTTPRefusal(Self.shared(error.answer, origin))
        }
    }

    private static func shared(_ answer: HTTPAnswer, _ origin: String) -> HTTPAnswer {
        // Beacons and `fetch` with credentials ask for the last. Nothing here goes by cookies, and the origin that may
        // send is said by its name, never as `*`.
        answer.adding("access-control-allow-origin", origin).adding("vary", "origin")
            .adding("access-control-allow-credentials", "true")
    }

    private func preflight(_ call: HTTPCall) throws(HTTPRefusal) -> HTTPAnswer {
        let inlet = try inlet(call)
        guard let origin = call.header("origin"), inlet.origins.isEmpty || inlet.origins.contains(origin) else {
            throw .refused(403, "This origin may not send to this inlet.")
        }
        return Self.shared(.empty(status: 204), origin)
            .adding("access-control-allow-methods", "POST")
            .adding("access-control-allow-headers", "authorization, content-encoding, content-type, x-api-key")
            .adding("access-control-max-age", "600")
    }

    // MARK: What was sent

    /// The JSON text that was sent: inflated where it came as gzip, without the byte order mark that .NET and PHP put
    /// in front.
    private func text(_ call: HTTPCall) async throws(HTTPRefusal) -> [UInt8] {
        guard let coding = ContentCoding(header: call.header("content-encoding")) else {
            let answer = answer(
                problems: [Problem(path: "", message: "the content encoding must be gzip or identity")], status: 415)
            throw HTTPRefusal(answer.adding("accept-encoding", ContentCoding.accepted))
        }
        var body = try await call.body(bytesMax: bodyBytesMax)
        if coding == .gzip {
            do throws(ContentCoding.Failure) {
                body = try ContentCoding.inflated(body, bytesMax: bodyBytesMax)
            } catch {
                let status =
                    switch error {
                    case .broken, .cut: 400
                    case .tooLarge: 413
                    case .outOfMemory: 503
                    }
                throw HTTPRefusal(answer(problems: [Problem(path: "", message: error.sentence)], status: status))
            }
        }
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        if body.starts(with: mark) { body.removeFirst(mark.count) }
        return body
    }

    /// The event in a body: bare, or in the envelope `{header, body: {xdmMeta, xdmEntity}}`.
    private static func entity(_ body: [UInt8]) -> Result<(JSONValue, [UInt8]?), JSONError> {
        do {
            let value = try JSONValue.parse(body)
            // The bytes of a bare event go on as they came, which spares writing them anew.
            return .success(enveloped(value).map { ($0, nil) } ?? (value, body))
        } catch { return .failure(error) }
    }

    private static func enveloped(_ value: JSONValue) -> JSONValue? {
        value["header"] == nil ? nil : value["body"]?["xdmEntity"]
    }

    // MARK: What is answered

    private func answer(_ result: EventTaker.Answer, _ event: JSONValue, _ inlet: InletDefinition) -> HTTPAnswer {
        let (status, body) = response(result, event, inlet)
        let answer = HTTPAnswer.json(body, status: status)
        return status == 429 ? answer.adding("retry-after", "1") : answer
    }

    private func answer(problems: [Problem], status: Int = 400) -> HTTPAnswer {
        .json(["errors": .array(problems.map(\.json))], status: status)
    }

    private func response(
        _ result: EventTaker.Answer, _ event: JSONValue, _ inlet: InletDefinition
    ) -> (status: Int, body: JSONValue) {
        switch result {
        case .accepted(let taken):
            (taken.isDuplicate ? duplicates : accepted).increment()
            var body: JSONObject = [
                "inletId": .string(inlet.id), "xactionId": .string(taken.id), "receivedTimeMs": .integer(clock()),
            ]
            // Said of a repeat alone, which has no second effect.
            if taken.isDuplicate { body["duplicate"] = true }
            return (200, .object(body))
        case .invalid(let problems):
            invalid.increment()
            rejected.keep(event, problems: problems, inlet: inlet.name)
            return (400, ["errors": .array(problems.map(\.json))])
        case .full(let id):
            full.increment()
            var body: JSONObject = [
                "errors": [["path": "", "message": "too many events are waiting; send it again later"]]
            ]
            // A part of it is in under this id: with it as `_id` a repeat completes what is missing.
            if let id { body["xactionId"] = .string(id) }
            return (429, .object(body))
        }
    }

    private func tooMuch(milliseconds: Int64) -> HTTPRefusal {
        let answer = HTTPAnswer.json(
            ["errors": [["path": "", "message": "too many requests from this address; send it again later"]]],
            status: 429)
        return HTTPRefusal(answer.adding("retry-after", "\((milliseconds + 999) / 1_000)"))
    }

    private func refusal(_ error: QueueError) -> HTTPRefusal {
        switch error.code {
        case .outOfMemory, .busy: return tooMuch(milliseconds: 1_000)
        default:
            logger.warning("events could not be accepted", metadata: ["error": "\(error)"])
            return .refused(503, error.callerMessage)
        }
    }
}
