import Testing

@testable import DemoPartners

@Suite("SMTP conversation")
struct MailSessionTests {
    @Test("A mail is taken with its envelope, whatever the cuts between reads", arguments: [1, 2, 7, 10_000])
    func mail(piece: Int) {
        let text =
            "EHLO me\r\nMAIL FROM:<a@x.org> SIZE=5\r\nRCPT TO:<b@y.org>\r\nrcpt to: <c@y.org>\r\nDATA\r\n"
            + "Subject: Hi\r\n\r\nOne\r\n..Two\r\n.\r\nQUIT\r\n"
        var session = MailSession()
        var actions: [MailSession.Action] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            actions += session.take(rest.prefix(piece))
            rest = rest.dropFirst(piece)
        }
        let mail = Mail(
            sender: "a@x.org", recipients: ["b@y.org", "c@y.org"],
            bytes: Array("Subject: Hi\r\n\r\nOne\r\n.Two\r\n".utf8))
        #expect(actions.contains(.keep(mail)))
        #expect(actions.suffix(2) == [.reply("221 2.0.0 Bye"), .close])
        #expect(codes(actions) == ["250", "250", "250", "250", "250", "250", "250", "250", "354", "221"])
    }

    @Test(
        "A command out of order or of another protocol is refused and the session goes on",
        arguments: [
            ("MAIL FROM:<a@x>", "503"), ("RCPT TO:<a@x>", "503"), ("DATA", "503"), ("AUTH PLAIN x", "502"),
            ("GET / HTTP/1.1", "502"), ("", "502"), ("NOOP", "250"), ("VRFY x", "252"), ("RSET", "250"),
        ])
    func order(_ command: String, _ code: String) {
        var session = MailSession()
        expect(&session, command, code)
        expect(&session, "HELO x", "250")
    }

    @Test("Senders and recipients need angle brackets, and only a sender may be empty")
    func paths() {
        var session = MailSession()
        _ = session.say("HELO x")
        expect(&session, "MAIL FROM:a@x", "501")
        expect(&session, "MAIL FROM:<>", "250")
        expect(&session, "MAIL FROM:<a@x>", "503")
        expect(&session, "DATA", "503")
        expect(&session, "RCPT TO:<>", "501")
        expect(&session, "RCPT TO:<b@x>", "250")
    }

    @Test("More recipients than allowed are refused one by one")
    func recipients() {
        var session = MailSession()
        _ = session.say("HELO x")
        _ = session.say("MAIL FROM:<a@x>")
        for number in 0..<Limits.recipientsMax { expect(&session, "RCPT TO:<\(number)@x>", "250") }
        expect(&session, "RCPT TO:<more@x>", "452")
    }

    @Test("A mail that is too long is refused at its end, and the next one is taken")
    func tooLong() {
        var session = MailSession()
        _ = session.say("HELO x")
        startMail(&session)
        let line = String(repeating: "a", count: 1_000)
        for _ in 0...(Limits.mailBytesMax / 1_000) { _ = session.say(line) }
        expect(&session, ".", "552")
        startMail(&session)
        _ = session.say("short")
        let actions = session.say(".")
        #expect(actions == [.keep(Mail(sender: "a@x", recipients: ["b@x"], bytes: Array("short\r\n".utf8)))])
    }

    @Test("A line without end closes the session before it fills the memory")
    func endlessLine() {
        var session = MailSession()
        let actions = session.take([UInt8](repeating: 0x61, count: 1 << 20))
        #expect(codes(actions) == ["500"])
        #expect(actions.last == .close)
        let later = session.say("NOOP")
        #expect(later.isEmpty)
    }

    private func expect(
        _ session: inout MailSession, _ line: String, _ code: String, at location: SourceLocation = #_sourceLocation
    ) {
        let given = codes(session.say(line))
        #expect(given == [code], sourceLocation: location)
    }

    private func startMail(_ session: inout MailSession) {
        for line in ["MAIL FROM:<a@x>", "RCPT TO:<b@x>", "DATA"] { _ = session.say(line) }
    }

    private func codes(_ actions: [MailSession.Action]) -> [String] {
        actions.compactMap { if case .reply(let line) = $0 { String(line.prefix(3)) } else { nil } }
    }
}

extension MailSession {
    fileprivate mutating func say(_ line: String) -> [Action] { take(Array("\(line)\r\n".utf8)) }
}
