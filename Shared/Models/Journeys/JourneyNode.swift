/// One node of a journey document.
package struct JourneyNode: Sendable, Hashable {
    /// A way out that leads to one node, or to several of which the first to occur wins; to none where the journey
    /// ends.
    package struct Way: Sendable, Hashable {
        package let next: [String]
    }

    /// A parameter and the expression that gives its value.
    package struct Parameter: Sendable, Hashable {
        package let name: String
        package let expression: String
    }

    package struct Event: Sendable, Hashable {
        package let event: String
        package let filter: String?
        package let match: String?
        package let timeoutMilliseconds: Int64?
        package let onTimeout: Way?
    }

    package struct Reaction: Sendable, Hashable {
        package let to: String
        package let reaction: String
        package let timeoutMilliseconds: Int64?
        package let onTimeout: Way?
    }

    package struct Condition: Sendable, Hashable {
        package let paths: [Path]
        package let otherwise: Way?
        package let onError: Way?
        /// Asks for the data of all paths at once.
        package let prefetch: Bool
        /// A share is drawn anew at each visit.
        package let redraw: Bool
    }

    /// A path of a condition.
    package struct Path: Sendable, Hashable {
        package enum Test: Sendable, Hashable {
            case when(String)
            case time(from: String?, to: String?, days: [String])
            case date(from: String?, to: String?)
            /// Percent.
            case share(Double)
            case cap(Int64)
            /// None is given, or more than one.
            case none
        }

        package let label: String?
        package let test: Test
        package let way: Way
    }

    package enum Wait: Sendable, Hashable {
        case elapsed(milliseconds: Int64)
        case until(String)
        case at(time: String, days: [String])
        /// None is given, or more than one.
        case none
    }

    package struct Action: Sendable, Hashable {
        package let action: String
        package let parameters: [Parameter]
        package let onError: Way?
    }

    package struct Message: Sendable, Hashable {
        package let template: String?
        /// Inline content, where there is no template.
        package let content: JSONObject?
        package let parameters: [Parameter]
        package let onError: Way?
    }

    package enum Body: Sendable, Hashable {
        case event(Event)
        case businessEvent(event: String)
        case audience(String, change: String)
        case readAudience(ReadAudience)
        case reaction(Reaction)
        case condition(Condition)
        case wait(Wait)
        case action(Action)
        /// `email`, `sms` or `push`: the node's type.
        case message(Message)
        case updateProfile(field: String, value: String, onError: Way?)
        case jump(journey: String, parameters: [Parameter])
        case end
        /// A type that there is not.
        case unknown
    }

    package struct ReadAudience: Sendable, Hashable {
        /// `"now"`, `{"at": "2026-03-01T09:00:00"}` or `{"cron": "0 9 * * mon"}`.
        package enum Schedule: Sendable, Hashable {
            case now
            case at(String)
            case cron(String)
        }

        package let audience: String
        package let schedule: Schedule
        /// People per second.
        package let rate: Double?
        package let incremental: Bool
        package let forceReentrance: Bool
    }

    /// Bytes that an id may have.
    package static let idBytesMax = 64
    package static let visitsMaxDefault: Int64 = 100

    /// The place in the document, from 0.
    package let place: Int
    package let id: String
    package let type: String
    package let label: String?
    package let way: Way
    /// How often an instance may come here.
    package let visitsMax: Int64
    package let body: Body

    /// Whether the text may be an id: request ids and Redis scripts rely on these characters alone.
    package static func isID(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= idBytesMax
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
