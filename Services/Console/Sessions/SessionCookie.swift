/// The cookie that holds the session's token.
struct SessionCookie: Sendable {
    let name: String
    private let attributes: String

    /// - Parameters:
    ///   - port: cookies of one host are shared by its ports, so that two consoles on one machine need two names.
    ///   - isSecure: sent over HTTPS only, under a name that browsers take from HTTPS only.
    init(port: Int, isSecure: Bool) {
        name = (isSecure ? "__Host-" : "") + "sojourn-session-\(port)"
        attributes = "; Path=/; HttpOnly; SameSite=Strict" + (isSecure ? "; Secure" : "")
    }

    /// `Set-Cookie` with the token.
    func setting(_ token: SessionToken, seconds: Int64) -> String {
        "\(name)=\(token.text)\(attributes); Max-Age=\(seconds)"
    }

    /// `Set-Cookie` that takes it away.
    var clearing: String { "\(name)=\(attributes); Max-Age=0" }

    /// The token in a `Cookie` header.
    func token(in header: String?) -> SessionToken? {
        for part in (header ?? "").split(separator: ";") {
            let pair = part.drop { $0 == " " }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2, pair[0] == name { return SessionToken(pair[1]) }
        }
        return nil
    }
}
