import Models

/// Whose state a traveler's hash holds: a person's, or what a trial makes of that person, which lies apart.
///
/// `<person key>`, or `<person key>~<trial>`; a person's key has no `~`.
struct TravelerKey: Hashable {
    let personKey: String
    let trial: String?

    init(personKey: String, trial: String?) {
        self.personKey = personKey
        self.trial = trial
    }

    init(_ text: String) {
        guard let mark = text.utf8.firstIndex(of: UInt8(ascii: "~")) else {
            self.init(personKey: text, trial: nil)
            return
        }
        self.init(personKey: String(text[..<mark]), trial: String(text[text.utf8.index(after: mark)...]))
    }

    var text: String { trial.map { "\(personKey)~\($0)" } ?? personKey }
}
