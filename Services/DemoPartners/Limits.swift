/// The bounds of the partners.
enum Limits {
    /// Requests and mails kept per partner, newest first; older ones are forgotten and still counted.
    static let receivedMax = 1_000
    /// What one answer lists unless asked for less.
    static let listedMax = 200
    /// Bytes of a request to a partner.
    static let bodyBytesMax = 256 << 10
    /// Characters of a body that are kept.
    static let keptTextMax = 8_192
    /// Idempotency keys remembered per gateway; the oldest are forgotten first.
    static let keysMax = 20_000
    /// Longest delay that a switch may set.
    static let delayMax: Duration = .seconds(120)
    /// Bytes of a mail.
    static let mailBytesMax = 1 << 20
    /// Bytes of a line of SMTP, the end included: RFC 5321 allows 1,000 in texts.
    static let mailLineBytesMax = 2_000
    /// Recipients of one mail.
    static let recipientsMax = 100
    /// Mail connections at once.
    static let mailConnectionsMax = 128
    /// Time that a mail connection may say nothing.
    static let mailIdleMax: Duration = .seconds(60)
}
