import ServiceKit

/// What a browser proves its session with: 256 random bits in hex, in a cookie that scripts cannot read.
struct SessionToken: Sendable, Hashable {
    let text: String

    init(random: () -> UInt64 = APIKey.secureRandom) {
        text = (0..<4).map { _ in
            let digits = String(random(), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    /// Nil unless it has the form of a token.
    init?(_ text: some StringProtocol) {
        guard text.utf8.count == 64, text.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
        else { return nil }
        self.text = String(text)
    }

    /// How the session is stored: whoever reads the store cannot sign in with it.
    var hash: String { APIKey.hash(of: text) }

    /// The token of `X-CSRF-Token`. It follows from the session's, which no page can read, and not the other way
    /// round, so that nothing has to be stored.
    var csrf: String { APIKey.hash(of: "csrf:\(text)") }

    /// Compares in a time that does not depend on where the texts differ.
    func isCSRF(_ given: String) -> Bool {
        let one = Array(csrf.utf8), other = Array(given.utf8)
        guard one.count == other.count else { return false }
        return zip(one, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
