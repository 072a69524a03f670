/// A mail as it came in: the envelope and the bytes.
struct Mail: Sendable, Equatable {
    var sender = ""
    var recipients: [String] = []
    var bytes: [UInt8] = []
}
