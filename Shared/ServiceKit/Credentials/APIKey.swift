import Crypto
import JSONRPC
import Models

/// API keys: made once, shown once, stored as a hash.
package enum APIKey {
    package static let prefix = "sk_"
    /// The default for ``make(random:)``: the system's secure generator.
    package static let secureRandom: @Sendable () -> UInt64 = { UInt64.random(in: .min ... .max) }

    /// `sk_` and 256 random bits in hex.
    package static func make(random: () -> UInt64 = secureRandom) -> String {
        var bytes: [UInt8] = []
        for _ in 0..<4 { withUnsafeBytes(of: random().bigEndian) { bytes += $0 } }
        return prefix + Hex.text(bytes)
    }

    /// SHA-256 in hex. A key has too many bits to be guessed, so no slow hash is needed.
    package static func hash(of key: some StringProtocol) -> String { Hex.text(digest(of: key)) }

    static func digest(of key: some StringProtocol) -> [UInt8] { Array(SHA256.hash(data: Array(key.utf8))) }

    /// The record in `{sj:config}:keys` under the key's name: `{name, scopes, hash}`; more members may follow.
    package static func record(name: String, scopes: Set<Scope>, hash: String) -> JSONObject {
        [
            "name": .string(name), "scopes": JSONValue(scopes.map(\.rawValue).sorted()), "hash": .string(hash),
        ]
    }
}

extension APIKey {
    /// Whether a key has this hash, in a time that says nothing about where they differ.
    package static func matches(_ key: String, hash: String) -> Bool {
        let given = Array(self.hash(of: key).utf8), wanted = Array(hash.utf8)
        guard given.count == wanted.count else { return false }
        return zip(given, wanted).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
