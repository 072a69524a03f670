import Foundation
import Models
import Synchronization
import TestKit

/// The third party of a fault run: takes orders, answers look-ups, behaves as the test says, and keeps what it saw.
final class ThirdParty: Sendable {
    enum Mood: Sendable {
        case well
        /// Answers with this status and does nothing.
        case refusing(Int)
        /// Says nothing for some seconds, then breaks the connection off.
        case hanging
        /// Breaks the connection off, after doing what it was asked: the caller cannot know.
        case doingAndBreakingOff
    }

    private struct State {
        var mood = Mood.well
        var calls: [History.Received] = []
        var lookups = 0
    }

    private final class Desk: Sendable {
        let state = Mutex(State())

        func answer(_ request: PeerRequest) -> PeerAnswer {
            let now = Int64(Date().timeIntervalSince1970 * 1_000)
            if request.method == "GET" {
                return state.withLock { state in
                    state.lookups += 1
                    return Self.answer(state.mood, body: #"{"level":"high"}"#)
                }
            }
            return state.withLock { state in
                var call = History.Received(key: request["Idempotency-Key"] ?? "", payload: request.text, at: now)
                switch state.mood {
                case .well, .doingAndBreakingOff: break
                case .refusing, .hanging: call.isPerformed = false
                }
                state.calls.append(call)
                return Self.answer(state.mood, body: #"{"status":"queued"}"#)
            }
        }

        private static func answer(_ mood: Mood, body: String) -> PeerAnswer {
            switch mood {
            case .well: .answer(200, headers: [("Content-Type", "application/json")], body: body)
            case .refusing(let status): .answer(status, headers: [("Retry-After", "1")])
            case .hanging: PeerAnswer([.pause(.seconds(4))], then: .reset)
            case .doingAndBreakingOff: .reset
            }
        }
    }

    private let desk = Desk()
    private let peer: HTTPPeer

    init() throws {
        let desk = desk
        peer = try HTTPPeer.start { desk.answer($0) }
    }

    deinit { peer.stop() }

    var url: String { peer.url }
    var port: Int { peer.port }

    var mood: Mood {
        get { desk.state.withLock { $0.mood } }
        set { desk.state.withLock { $0.mood = newValue } }
    }

    var calls: [History.Received] { desk.state.withLock { $0.calls } }
    var performedCount: Int { desk.state.withLock { $0.calls.count { $0.isPerformed } } }
    var lookupCount: Int { desk.state.withLock { $0.lookups } }
}
