/// A command as it goes over the wire (RESP2): encoded once where it is made, in one piece. It knows nothing of
/// connections.
///
/// Arguments are copied; their bytes may be anything. What is too long is refused when it is sent
/// (`RedisConfiguration.commandBytesMax`).
package struct RedisCommand: Sendable {
    /// Everything but the `*count` line in front, which is written last since arguments may still be appended.
    private var body: [UInt8]
    /// The name and the arguments.
    package private(set) var argumentCount: Int
    /// What has to be loaded when the answer is NOSCRIPT.
    let script: RedisScript?

    /// `RedisCommand("HSET", key, field, value)`.
    package init(_ name: String, _ arguments: any RedisArgument...) {
        self.init(name: name, arguments: arguments)
    }

    /// For arguments of one type that are there as a sequence.
    package init(_ name: String, list: some Sequence<some RedisArgument>) {
        body = []
        argumentCount = 0
        script = nil
        append(name)
        append(contentsOf: list)
    }

    init(name: String, arguments: [any RedisArgument], script: RedisScript? = nil) {
        body = []
        argumentCount = 0
        self.script = script
        // Two lines of at most 13 bytes around each argument, so that one allocation does.
        body.reserveCapacity(arguments.reduce(name.utf8.count + 16) { $0 + $1.redisByteCount + 16 })
        append(name)
        for argument in arguments { append(argument) }
    }

    /// Adds an argument at the end. Amortised linear in its bytes.
    package mutating func append(_ argument: some RedisArgument) {
        body.append(UInt8(ascii: "$"))
        argument.redisByteCount.appendRedisBytes(to: &body)
        Self.endLine(&body)
        argument.appendRedisBytes(to: &body)
        Self.endLine(&body)
        argumentCount += 1
    }

    /// Adds each element as an argument.
    package mutating func append(contentsOf arguments: some Sequence<some RedisArgument>) {
        for argument in arguments { append(argument) }
    }

    /// Makes room for arguments of this many bytes in all.
    package mutating func reserve(bytes: Int) {
        body.reserveCapacity(body.count + bytes)
    }

    /// Bytes on the wire.
    package var byteCount: Int { body.count + 3 + argumentCount.redisByteCount }

    func write(to output: inout [UInt8]) {
        output.append(UInt8(ascii: "*"))
        argumentCount.appendRedisBytes(to: &output)
        Self.endLine(&output)
        output.append(contentsOf: body)
    }

    private static func endLine(_ bytes: inout [UInt8]) {
        bytes.append(13)
        bytes.append(10)
    }
}

/// The name and the number of arguments, never what they hold.
extension RedisCommand: CustomStringConvertible, CustomReflectable {
    /// Such as `HSET with 3 arguments`.
    package var description: String {
        let name = body.drop { $0 != 10 }.dropFirst().prefix { $0 != 13 }
        return "\(String(decoding: name, as: UTF8.self)) with \(argumentCount - 1) arguments"
    }

    /// Empty: nothing that walks over members finds an argument.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
