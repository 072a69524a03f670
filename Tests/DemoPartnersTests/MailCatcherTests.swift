import Logging
import Models
import NIOCore
import NIOPosix
import Testing

@testable import DemoPartners

@Suite("Mail server", .timeLimit(.minutes(1)))
struct MailCatcherTests {
    @Test("A mail sent to it is shown, and a switch makes it refuse")
    func catches() async throws {
        let desk = PartnerDesk(now: { 1_000 })
        try await withCatcher(desk) { port in
            let mail = "Subject: Hi\r\n\r\nHello\r\n.\r\n"
            let first = try await converse(port, ["EHLO me", "MAIL FROM:<a@x>", "RCPT TO:<b@y>", "DATA"], then: mail)
            #expect(first.last?.hasPrefix("250 2.0.0 Ok: queued as mail-1") == true)
            desk.setSwitch(.mail, try FaultSwitch(["status": 451, "times": 1]))
            let second = try await converse(port, ["HELO me", "MAIL FROM:<a@x>", "RCPT TO:<b@y>", "DATA"], then: mail)
            #expect(second.last?.hasPrefix("451") == true)
            let receipts = desk.received(.mail, limit: 10).receipts
            #expect(receipts.map(\.status) == [451, 250])
            #expect(receipts.last?.fields["subject"] == "Hi")
            #expect(receipts.last?.fields["text"] == "Hello\r\n")
            #expect(receipts.last?.fields["to"] == ["b@y"])
        }
    }

    private func withCatcher(_ desk: PartnerDesk, _ test: @escaping @Sendable (Int) async throws -> Void) async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let (ports, port) = AsyncStream<Int>.makeStream()
        let catcher = MailCatcher(host: "127.0.0.1", port: 0, desk: desk, logger: logger) { number in
            port.yield(number)
            port.finish()
        }
        try await running(catcher, ports: ports, logger: logger, test)
    }

    /// Says the lines, each after the reply to the one before, then the mail; the last lines of the replies.
    private func converse(_ port: Int, _ lines: [String], then mail: String) async throws -> [String] {
        let connection = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await connection.executeThenClose { inbound, outbound in
            var replies: [String] = []
            var waiting = (lines.map { $0 + "\r\n" } + [mail])[...]
            var text = ""
            for try await buffer in inbound {
                text += String(buffer: buffer)
                guard text.hasSuffix("\r\n"), let last = text.split(separator: "\r\n").last,
                    last.dropFirst(3).first == " "
                else { continue }
                replies.append(String(last))
                text = ""
                guard let next = waiting.popFirst() else { break }
                try await outbound.write(ByteBuffer(string: next))
            }
            return replies
        }
    }
}
