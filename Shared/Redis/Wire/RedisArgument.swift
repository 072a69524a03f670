/// What can stand as an argument of a command: bytes whose number is known before they are written.
package protocol RedisArgument: Sendable {
    /// Exactly as many as `appendRedisBytes` appends.
    var redisByteCount: Int { get }

    /// Appends the bytes as Redis shall get them, without their length.
    func appendRedisBytes(to bytes: inout [UInt8])
}

extension String: RedisArgument {
    package var redisByteCount: Int { utf8.count }

    package func appendRedisBytes(to bytes: inout [UInt8]) {
        bytes.append(contentsOf: utf8)
    }
}

extension Substring: RedisArgument {
    package var redisByteCount: Int { utf8.count }

    package func appendRedisBytes(to bytes: inout [UInt8]) {
        bytes.append(contentsOf: utf8)
    }
}

extension [UInt8]: RedisArgument {
    package var redisByteCount: Int { count }

    package func appendRedisBytes(to bytes: inout [UInt8]) {
        bytes.append(contentsOf: self)
    }
}

extension ArraySlice<UInt8>: RedisArgument {
    package var redisByteCount: Int { count }

    package func appendRedisBytes(to bytes: inout [UInt8]) {
        bytes.append(contentsOf: self)
    }
}

extension Int64: RedisArgument {
    package var redisByteCount: Int { decimalDigitCount }

    package func appendRedisBytes(to bytes: inout [UInt8]) {
        appendDecimal(to: &bytes)
    }
}

extension Int: RedisArgument {
    package var redisByteCount: Int { Int64(self).decimalDigitCount }

    package func appendRedisBytes(to bytes: inout [UInt8]) {
        Int64(self).appendDecimal(to: &bytes)
    }
}

/// The shortest text that reads back as the same number.
extension Double: RedisArgument {
    package var redisByteCount: Int { description.utf8.count }

    package func appendRedisBytes(to bytes: inout [UInt8]) {
        bytes.append(contentsOf: description.utf8)
    }
}
