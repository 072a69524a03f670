import Testing

@testable import Redis

@Suite("Commands")
struct RedisCommandTests {
    private func text(_ command: RedisCommand) -> String {
        var bytes: [UInt8] = []
        command.write(to: &bytes)
        #expect(command.byteCount == bytes.count)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("Arguments of every type are encoded with their length in bytes")
    func encoding() {
        let slice = ArraySlice("xyz".utf8.map { $0 })
        let command = RedisCommand("SET", "ключ", Substring("ab"), [0, 13, 10] as [UInt8], slice, -12, Int64.min, 0.1)
        #expect(
            text(command)
                == "*8\r\n$3\r\nSET\r\n$8\r\nключ\r\n$2\r\nab\r\n$3\r\n\0\r\n\r\n$3\r\nxyz\r\n$3\r\n-12\r\n"
                + "$20\r\n-9223372036854775808\r\n$3\r\n0.1\r\n")
    }

    @Test("Arguments may be appended after the command is made")
    func appending() {
        var command = RedisCommand("DEL")
        command.append(contentsOf: (0..<10).map { "k\($0)" })
        command.append("")
        #expect(command.argumentCount == 12)
        #expect(text(command).hasPrefix("*12\r\n$3\r\nDEL\r\n$2\r\nk0\r\n"))
        #expect(text(command).hasSuffix("$2\r\nk9\r\n$0\r\n\r\n"))
        #expect(text(command) == text(RedisCommand("DEL", list: (0..<10).map { "k\($0)" } + [""])))
    }

    @Test("The description of a command does not tell its arguments")
    func description() {
        let command = RedisCommand("AUTH", "user", "hunter2")
        #expect("\(command)" == "AUTH with 2 arguments")
        #expect(!String(reflecting: command).contains("hunter2"))
        #expect(!"\([command])".contains("hunter2"))
    }
}

@Suite("Decimal text")
struct DecimalTextTests {
    @Test("A number is written as Swift writes it", arguments: [0, 1, -1, 9, 10, 99, 100, -100, .max, .min] as [Int64])
    func digits(value: Int64) {
        var bytes: [UInt8] = []
        value.appendDecimal(to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "\(value)")
        #expect(value.decimalDigitCount == bytes.count)
    }
}
