import Foundation
import HTTPClient
import Logging
import Models
import Synchronization
import TestKit

/// Producers: many people side by side, the events of each one after the other, so that their order is defined.
///
/// An event whose answer was not heard is sent again with the same `_id` until an answer comes; what stays without
/// one is of unknown fate.
final class EventLoad: Sendable {
    struct Settings: Sendable {
        var people = 40
        /// Between an answer and the next event of the same person.
        var pause: Duration = .milliseconds(300)
        /// Every n-th event asks for a look-up on its way; 0: none does.
        var lookupEvery = 4
        /// An event refused because a queue is full is given up and not sent again.
        var givesUpWhenFull = false
        /// Events a person at most; the engine lets one person be in 100 instances.
        var eventsMax = 90
        /// How long an event is sent again and again.
        var patience: Duration = .seconds(40)

        /// For faults that take long: the same people are there for a minute and a half.
        static let long: Settings = {
            var settings = Settings()
            settings.people = 100
            settings.pause = .seconds(1)
            return settings
        }()
    }

    /// What the answers were, besides the last of each event.
    struct Figures: Sendable {
        var accepted = 0
        var full = 0
        var unheard = 0
        var invalid: [String] = []
    }

    private struct State {
        var sent: [History.Sent] = []
        var figures = Figures()
        var isStopped = false
        var isOver = false
    }

    private let settings: Settings
    private let name: String
    private let url: String
    private let client: OutboundClient
    private let state = Mutex(State())

    /// - Parameters:
    ///   - name: what the ids of people and events begin with; unique in the run.
    ///   - url: the inlet's address.
    init(_ settings: Settings, name: String, url: String) throws {
        self.settings = settings
        self.name = name
        self.url = url
        client = try OutboundClient(policy: try AddressPolicy(allow: ["127.0.0.1"]), logger: Logger(label: "load"))
    }

    var figures: Figures { state.withLock { $0.figures } }
    var sent: [History.Sent] { state.withLock { $0.sent } }
    var acceptedCount: Int { state.withLock { $0.figures.accepted } }

    /// Sends until ``stop()``; events under way then are still brought to an answer.
    func run() async {
        await withTaskGroup { group in
            for person in 0..<settings.people {
                group.addTask { await self.send(person: person) }
            }
        }
        state.withLock { $0.isOver = true }
        await client.close()
    }

    /// Everybody has sent all that may be sent: nothing more comes, though nobody stopped it.
    var isOver: Bool { state.withLock { $0.isOver && !$0.isStopped } }

    func stop() { state.withLock { $0.isStopped = true } }

    private var isStopped: Bool { state.withLock { $0.isStopped } }

    private func send(person: Int) async {
        // Spread over the first pause, so that a steady rate comes at once.
        try? await Task.sleep(for: settings.pause * person / settings.people)
        for number in 0..<settings.eventsMax where !isStopped {
            let isLookup = settings.lookupEvery > 0 && (person + number) % settings.lookupEvery == 0
            let event = "\(name)-\(person)-\(number)"
            let answer = await send(event: event, person: "\(name)-\(person)", type: isLookup ? "parcel" : "order")
            let sent = History.Sent(
                event: event, person: "\(name)-\(person)", answer: answer,
                answeredAt: Int64(Date().timeIntervalSince1970 * 1_000))
            state.withLock { $0.sent.append(sent) }
            try? await Task.sleep(for: settings.pause)
        }
    }

    private func send(event: String, person: String, type: String) async -> History.Answer {
        let body: JSONValue = [
            "_id": .string(event), "timestamp": "2026-01-01T10:00:00Z", "eventType": .string(type),
            "customer": ["id": .string(person)], "order": ["id": .string(event)],
        ]
        var request = HTTPRequest(.post, url, headers: ["Content-Type": "application/json"], body: body.bytes)
        request.timeout = .seconds(3)
        request.connectTimeout = .seconds(1)
        request.connectionsMax = settings.people
        let deadline = ContinuousClock.now + settings.patience
        var mayBeIn = false
        while ContinuousClock.now < deadline {
            let response = try? await client.send(request)
            switch response?.status {
            case 200:
                state.withLock { $0.figures.accepted += 1 }
                return .accepted
            case 429:
                state.withLock { $0.figures.full += 1 }
                if settings.givesUpWhenFull { return mayBeIn ? .unknown : .refused }
                try? await Task.sleep(for: .milliseconds(500))
            case 400, 401, 404, 413, 415:
                let text = response.map { String(decoding: $0.body, as: UTF8.self) } ?? ""
                state.withLock { $0.figures.invalid.append(text) }
                return .refused
            default:
                mayBeIn = true
                state.withLock { $0.figures.unheard += 1 }
                try? await Task.sleep(for: .milliseconds(100))
            }
        }
        return mayBeIn ? .unknown : .refused
    }
}
