import Glibc

/// Ends the process at a request, so that the fault tests can see what becomes of it and of the others.
///
/// Set by `SOJOURN_FAULT`, for tests only: `kill:o-17` ends it by SIGKILL at each request with that text.
struct FaultHook: Sendable {
    private let text: [UInt8]

    static let none = FaultHook(text: [])

    private init(text: [UInt8]) { self.text = text }

    /// Nothing happens without a text; one that cannot be read is refused.
    init?(_ setting: String?) {
        guard let setting, !setting.isEmpty else {
            text = []
            return
        }
        guard setting.hasPrefix("kill:"), setting.utf8.count > 5 else { return nil }
        text = Array(setting.utf8.dropFirst(5))
    }

    func pass(_ element: [UInt8]) {
        guard !text.isEmpty, element.count >= text.count else { return }
        for from in 0...(element.count - text.count) where element[from..<from + text.count].elementsEqual(text) {
            kill(getpid(), SIGKILL)
        }
    }
}
