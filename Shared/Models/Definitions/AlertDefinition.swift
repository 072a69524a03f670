/// What is watched, and who is told when it is out of bounds:
/// `{"name":"manyErrors","journey":"welcome","kind":"errorRate","threshold":0.05,"window":"PT10M",
/// "webhook":{"url":"https://ops.example/hooks","secret":"whsec_…"}}`.
package struct AlertDefinition: Definition, Hashable {
    package enum Kind: String, Sendable, CaseIterable {
        /// The part of those who left that left with an error, 0 to 1: at least the threshold.
        case errorRate
        /// Entries that were refused and events that were dropped: at least so many.
        case discards
        /// At most so many entered.
        case nobodyEntered
        /// Seconds that the oldest element of a queue waits: at least so many.
        case queueAge
        /// Dead letters that lie there: at least so many.
        case deadLetters
        /// Versions of journeys that do not compile: nobody enters, the people inside wait. At least so many.
        case brokenJourneys

        /// Whether it is about a time that just passed.
        package var hasWindow: Bool {
            switch self {
            case .errorRate, .discards, .nobodyEntered: true
            case .queueAge, .deadLetters, .brokenJourneys: false
            }
        }
        /// Whether it may be about one queue.
        package var isOfQueues: Bool { self == .queueAge || self == .deadLetters }
    }

    package static let kind = "alerts"
    /// Members that an answer shows and no definition has.
    package static let shownMembers = ["state", "since", "value", "evaluatedAt", "delivery"]

    package let name: String
    package let description: String?
    package let alertKind: Kind
    /// Nil: all journeys together.
    package let journey: String?
    /// A queue by its name in `queues.list`; nil: all that wait for a worker.
    package let queue: String?
    package let threshold: Double
    /// Whole minutes, from one to a day.
    package let windowMilliseconds: Int64
    package let isEnabled: Bool
    package let url: String
    /// Signs what is sent: `whsec_` and 24 to 64 bytes in base64, as Standard Webhooks have it.
    package let secret: Secret?
    package let revision: Int64
    package let document: JSONObject

    package init(_ document: JSONObject) throws(InvalidDocument) {
        var reader = ObjectReader(document)
        name = reader.name()
        description = reader.string("description", lengthMax: 4_096)
        let kind = reader.required("kind") { reader in reader.choice("kind", Kind.self) } ?? .errorRate
        alertKind = kind
        journey = reader.string("journey", lengthMax: 64)
        queue = reader.string("queue", lengthMax: 64)
        if journey != nil, kind.isOfQueues { reader.report("journey", "is no part of an alert on queues") }
        if queue != nil, !kind.isOfQueues { reader.report("queue", "is no part of an alert on journeys") }
        threshold =
            reader.number("threshold", in: kind == .errorRate ? 0...1 : 0...1e15) ?? kind.usualThreshold
        if reader.value("threshold") == nil, kind != .nobodyEntered, kind != .brokenJourneys {
            reader.report("threshold", "is required")
        }
        let window = reader.duration("window", in: 60_000...86_400_000) ?? 600_000
        windowMilliseconds = window
        if window % 60_000 != 0 { reader.report("window", "must be whole minutes") }
        isEnabled = reader.bool("enabled") ?? true
        var webhook = ObjectReader(
            reader.required("webhook") { reader in reader.object("webhook") } ?? JSONObject(), path: "/webhook")
        let url = webhook.requiredString("url", lengthMax: 4_096)
        self.url = url
        if !url.isEmpty, !url.hasPrefix("https://"), !url.hasPrefix("http://") {
            webhook.report("url", "must begin with https:// or http://")
        }
        secret = webhook.value("secret") == nil ? nil : Secret(&webhook, "secret")
        if case .plain(let text)? = secret, !text.isEmpty, text != Secret.mask, !Self.isSecret(text) {
            webhook.report("secret", "must be whsec_ and 24 to 64 bytes in base64")
        }
        webhook.refuseUnknown(except: [])
        reader.report(webhook.problems)
        reader.refuseUnknown()
        revision = document["revision"]?.integerValue ?? 0
        self.document = document
        _ = try reader.finish(())
    }

    /// Whether the text has the form of a secret; whether its base64 is right, who signs finds out.
    private static func isSecret(_ text: String) -> Bool {
        guard text.hasPrefix("whsec_") else { return false }
        let body = text.utf8.dropFirst(6)
        return (32...88).contains(body.count) && body.count % 4 == 0
            && body.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="):
                    true
                default: false
                }
            }
    }
}

extension AlertDefinition.Kind {
    /// Where the definition gives none.
    fileprivate var usualThreshold: Double {
        switch self {
        case .errorRate: 0.05
        case .brokenJourneys: 1
        case .discards, .nobodyEntered, .queueAge, .deadLetters: 0
        }
    }
}
