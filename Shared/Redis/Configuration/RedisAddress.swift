/// Where Redis is, and as whom to speak to it.
///
/// `redis://[user[:password]@]host[:port][/database]`, `unix://[user[:password]@]/path[?db=database]`. User and
/// password are percent-encoded; a password without a user is `redis://:password@host`. Its description leaves the
/// password out.
package struct RedisAddress: Sendable, Hashable {
    /// The way to the server.
    package enum Endpoint: Sendable, Hashable {
        case tcp(host: String, port: Int)
        case socket(path: String)
    }

    /// The way to the server.
    package let endpoint: Endpoint
    /// The ACL user; `nil` is the default one.
    package let user: String?
    let password: String?
    /// 0 unless the address names one; Redis Cluster has no other.
    package let database: Int

    /// - Throws: `invalidAddress` with what is wrong; the address itself is not repeated.
    package init(_ url: String) throws(RedisError) {
        if let rest = Self.after("redis://", url) {
            let (credentials, place) = Self.splitCredentials(rest)
            (user, password) = try Self.readCredentials(credentials)
            let parts = place.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            endpoint = try Self.readHost(parts[0])
            database = try Self.readDatabase(parts.count > 1 ? parts[1] : "")
        } else if let rest = Self.after("unix://", url) {
            let (credentials, place) = Self.splitCredentials(rest)
            (user, password) = try Self.readCredentials(credentials)
            let parts = place.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts[0].hasPrefix("/"), parts[0].utf8.count <= Self.socketPathBytesMax else {
                throw Self.invalid("the path of the socket is not absolute, or longer than the system takes")
            }
            endpoint = .socket(path: String(parts[0]))
            let query = parts.count > 1 ? parts[1] : "db="
            guard query.hasPrefix("db=") else { throw Self.invalid("only ?db= may follow the path") }
            database = try Self.readDatabase(query.dropFirst(3))
        } else if url.hasPrefix("rediss://") {
            throw Self.invalid("TLS is not built in; put a TLS tunnel in front")
        } else {
            throw Self.invalid("it does not begin with redis:// or unix://")
        }
    }

    /// Linux: 108 with the zero at the end.
    private static let socketPathBytesMax = 107

    private static func after(_ scheme: String, _ url: String) -> Substring? {
        url.hasPrefix(scheme) ? url.dropFirst(scheme.count) : nil
    }

    private static func splitCredentials(_ rest: Substring) -> (Substring?, Substring) {
        guard let at = rest.lastIndex(of: "@") else { return (nil, rest) }
        return (rest[..<at], rest[rest.index(after: at)...])
    }

    private static func readCredentials(_ text: Substring?) throws(RedisError) -> (String?, String?) {
        guard let text else { return (nil, nil) }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let user = percentDecoded(parts[0]), let password = percentDecoded(parts[1]) else {
            throw invalid("user and password are not user:password, percent-encoded")
        }
        return (user.isEmpty ? nil : user, password)
    }

    private static func readHost(_ text: Substring) throws(RedisError) -> Endpoint {
        var host = text
        var port: Substring = "6379"
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            if !rest.isEmpty { port = rest.hasPrefix(":") ? rest.dropFirst() : "" }
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
        }
        guard !host.isEmpty else { throw invalid("it names no host") }
        guard let number = Int(port), (1...65_535).contains(number) else {
            throw invalid("the port is not a number from 1 to 65535")
        }
        return .tcp(host: String(host), port: number)
    }

    private static func readDatabase(_ text: Substring) throws(RedisError) -> Int {
        if text.isEmpty { return 0 }
        guard let number = Int(text), (0...65_535).contains(number) else {
            throw invalid("the database is not a number")
        }
        return number
    }

    private static func percentDecoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
                return nil
            }
            rest = rest.dropFirst(2)
            bytes.append(value)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func invalid(_ reason: String) -> RedisError {
        RedisError(.invalidAddress, "The address of Redis cannot be used: \(reason).", retry: .never)
    }
}

extension RedisAddress: CustomStringConvertible, CustomReflectable {
    /// The address without user and password.
    package var description: String {
        switch endpoint {
        case .tcp(let host, let port):
            "redis://\(host.contains(":") ? "[\(host)]" : host):\(port)\(database == 0 ? "" : "/\(database)")"
        case .socket(let path):
            "unix://\(path)\(database == 0 ? "" : "?db=\(database)")"
        }
    }

    /// Nothing that walks over members finds the password.
    package var customMirror: Mirror { Mirror(self, children: ["address": description]) }
}
