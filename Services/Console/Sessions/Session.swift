import Models

/// A browser that is signed in, as `{sj:config}:sessions` holds it under the hash of its token:
/// `{"name":"admin","key":"<sealed>","createdAt":ms,"expiresAt":ms}`.
struct Session: Sendable, Hashable {
    /// Whose key it is.
    let name: String
    /// The key, sealed: relayed calls carry it.
    let sealedKey: String
    let createdAt: Int64
    var expiresAt: Int64

    init(name: String, sealedKey: String, createdAt: Int64, expiresAt: Int64) {
        self.name = name
        self.sealedKey = sealedKey
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }

    init?(_ bytes: [UInt8]) {
        guard let value = try? JSONValue.parse(bytes), let name = value["name"]?.stringValue,
            let sealedKey = value["key"]?.stringValue,
            let createdAt = value["createdAt"]?.integerValue, let expiresAt = value["expiresAt"]?.integerValue
        else { return nil }
        self.init(name: name, sealedKey: sealedKey, createdAt: createdAt, expiresAt: expiresAt)
    }

    var json: JSONValue {
        [
            "name": .string(name), "key": .string(sealedKey),
            "createdAt": .integer(createdAt), "expiresAt": .integer(expiresAt),
        ]
    }
}
