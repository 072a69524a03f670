import Models

/// What is known of an alert, as `{sj:config}:alertStates` holds it under its name:
/// `{"state":"firing","since":ms,"value":0.2,"evaluatedAt":ms,"knownSince":ms,"waiting":[…],"delivery":{…}}`.
struct AlertState: Sendable, Hashable {
    enum Word: String, Sendable, CaseIterable {
        case ok, firing
    }

    /// A change that the webhook must be told.
    struct Notification: Sendable, Hashable {
        /// The same for each attempt, so that a receiver takes it once.
        let id: String
        let word: Word
        /// When the state changed.
        let at: Int64
        let value: Double
        var attempts: Int64 = 0
        var nextAt: Int64

        init(id: String, word: Word, at: Int64, value: Double) {
            self.id = id
            self.word = word
            self.at = at
            self.value = value
            nextAt = at
        }
    }

    var word: Word = .ok
    /// Milliseconds since 1970.
    var since: Int64
    var value: Double = 0
    var evaluatedAt: Int64
    /// Since when the alert is evaluated: before, nobody can tell that nobody entered.
    let knownSince: Int64
    var waiting: [Notification] = []
    /// The latest word of the webhook: `{at, status}`.
    var delivery: JSONValue?

    init(at now: Int64) {
        since = now
        evaluatedAt = now
        knownSince = now
    }

    init?(_ bytes: [UInt8]) {
        guard let value = try? JSONValue.parse(bytes), let word = value["state"]?.stringValue.flatMap(Word.init),
            let since = value["since"]?.integerValue, let known = value["knownSince"]?.integerValue
        else { return nil }
        self.word = word
        self.since = since
        self.value = value["value"]?.decimalValue ?? 0
        evaluatedAt = value["evaluatedAt"]?.integerValue ?? since
        knownSince = known
        waiting = (value["waiting"]?.arrayValue ?? []).compactMap(Notification.init)
        if let delivery = value["delivery"], !delivery.isNull { self.delivery = delivery }
    }

    var json: JSONValue {
        [
            "state": .string(word.rawValue), "since": .integer(since), "value": .decimal(value),
            "evaluatedAt": .integer(evaluatedAt), "knownSince": .integer(knownSince),
            "waiting": .array(waiting.map(\.json)), "delivery": delivery ?? .null,
        ]
    }

    /// What `alerts.get` adds to the definition.
    var shown: JSONObject {
        var object: JSONObject = [
            "state": .string(word.rawValue), "since": .string(Timestamp.text(since)), "value": .decimal(value),
            "evaluatedAt": .string(Timestamp.text(evaluatedAt)),
        ]
        if let delivery { object["delivery"] = delivery }
        return object
    }

    /// Takes what was measured; true where the state changed, which the webhook is told.
    mutating func take(_ value: Double, isOutOfBounds: Bool, alert: String, at now: Int64) -> Bool {
        self.value = value
        evaluatedAt = now
        let new: Word = isOutOfBounds ? .firing : .ok
        guard new != word else { return false }
        word = new
        since = now
        waiting.append(Notification(id: "\(alert)-\(now)-\(new.rawValue)", word: new, at: now, value: value))
        if waiting.count > AlertLimits.waitingMax { waiting.removeFirst() }
        return true
    }

    /// Notes what came of telling; the notification goes, or is told again later.
    mutating func note(_ id: String, delivered: Bool, status: String, at now: Int64) {
        delivery = ["at": .string(Timestamp.text(now)), "status": .string(status)]
        guard let place = waiting.firstIndex(where: { $0.id == id }) else { return }
        waiting[place].attempts += 1
        if delivered || waiting[place].attempts >= AlertLimits.attemptsMax {
            waiting.remove(at: place)
        } else {
            let doublings = min(waiting[place].attempts - 1, 20)
            let delay = min(AlertLimits.firstDelayMilliseconds << doublings, AlertLimits.delayMaxMilliseconds)
            waiting[place].nextAt = now + delay
        }
    }
}

extension AlertState.Notification {
    init?(_ value: JSONValue) {
        guard let id = value["id"]?.stringValue,
            let word = value["state"]?.stringValue.flatMap(AlertState.Word.init), let at = value["at"]?.integerValue
        else { return nil }
        self.init(id: id, word: word, at: at, value: value["value"]?.decimalValue ?? 0)
        attempts = value["attempts"]?.integerValue ?? 0
        nextAt = value["nextAt"]?.integerValue ?? at
    }

    var json: JSONValue {
        [
            "id": .string(id), "state": .string(word.rawValue), "at": .integer(at), "value": .decimal(value),
            "attempts": .integer(attempts), "nextAt": .integer(nextAt),
        ]
    }
}
