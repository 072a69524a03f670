/// One SMTP conversation (RFC 5321), without a connection: bytes in, things to do out.
struct MailSession {
    /// What is to be done, in order.
    enum Action: Equatable {
        /// Send the line; its end is added.
        case reply(String)
        /// A mail is complete: the one who keeps it replies.
        case keep(Mail)
        /// Close the connection after what was said.
        case close
    }

    private enum Phase {
        case greeting, ready, recipients, data
    }

    private var phase = Phase.greeting
    private var mail = Mail()
    private var isTooLong = false
    private var line: [UInt8] = []
    private var isOver = false

    static let greeting = "220 demo-partners ESMTP"

    /// Takes the next bytes, however they are cut.
    mutating func take(_ bytes: some Sequence<UInt8>) -> [Action] {
        var actions: [Action] = []
        for byte in bytes where !isOver {
            guard byte == 10 else {
                line.append(byte)
                if line.count > Limits.mailLineBytesMax {
                    isOver = true
                    actions += [.reply("500 5.5.2 The line is too long"), .close]
                }
                continue
            }
            if line.last == 13 { line.removeLast() }
            let complete = line
            line.removeAll(keepingCapacity: true)
            actions += phase == .data ? takeText(complete) : takeCommand(complete)
        }
        return actions
    }

    private mutating func takeText(_ line: [UInt8]) -> [Action] {
        if line == [UInt8(ascii: ".")] {
            let complete = mail
            let wasTooLong = isTooLong
            reset()
            return wasTooLong ? [.reply("552 5.3.4 The mail is too long")] : [.keep(complete)]
        }
        // What is too long is read to its end and forgotten, so that the reply is heard.
        guard mail.bytes.count + line.count + 2 <= Limits.mailBytesMax else {
            isTooLong = true
            mail.bytes = []
            return []
        }
        guard !isTooLong else { return [] }
        mail.bytes += line.dropFirst(line.first == UInt8(ascii: ".") ? 1 : 0)
        mail.bytes += [13, 10]
        return []
    }

    private mutating func takeCommand(_ line: [UInt8]) -> [Action] {
        let text = String(decoding: line, as: UTF8.self)
        let verb = text.prefix { $0 != " " }.uppercased()
        let rest = text.dropFirst(verb.count).drop { $0 == " " }
        switch verb {
        case "EHLO":
            reset()
            return [
                .reply("250-demo-partners"), .reply("250-8BITMIME"), .reply("250-SMTPUTF8"), .reply("250-PIPELINING"),
                .reply("250 SIZE \(Limits.mailBytesMax)"),
            ]
        case "HELO":
            reset()
            return [.reply("250 demo-partners")]
        case "NOOP": return [.reply("250 2.0.0 Ok")]
        case "VRFY": return [.reply("252 2.5.0 Try and see")]
        case "RSET":
            if phase != .greeting { reset() }
            return [.reply("250 2.0.0 Ok")]
        case "QUIT":
            isOver = true
            return [.reply("221 2.0.0 Bye"), .close]
        case "MAIL": return takeSender(rest)
        case "RCPT": return takeRecipient(rest)
        case "DATA": return startData()
        default: return [.reply("502 5.5.1 There is no such command here")]
        }
    }

    private mutating func takeSender(_ rest: Substring) -> [Action] {
        guard phase == .ready else { return [.reply("503 5.5.1 MAIL is not expected now")] }
        guard let path = Self.path(rest, after: "FROM:") else { return [.reply("501 5.5.4 MAIL FROM:<address>")] }
        mail.sender = path
        phase = .recipients
        return [.reply("250 2.1.0 Ok")]
    }

    private mutating func takeRecipient(_ rest: Substring) -> [Action] {
        guard phase == .recipients else { return [.reply("503 5.5.1 RCPT is not expected now")] }
        guard let path = Self.path(rest, after: "TO:"), !path.isEmpty else {
            return [.reply("501 5.5.4 RCPT TO:<address>")]
        }
        guard mail.recipients.count < Limits.recipientsMax else { return [.reply("452 4.5.3 Too many recipients")] }
        mail.recipients.append(path)
        return [.reply("250 2.1.5 Ok")]
    }

    private mutating func startData() -> [Action] {
        guard phase == .recipients, !mail.recipients.isEmpty else {
            return [.reply("503 5.5.1 DATA is not expected now")]
        }
        phase = .data
        return [.reply("354 End with a line of one dot")]
    }

    private mutating func reset() {
        phase = .ready
        mail = Mail()
        isTooLong = false
    }

    /// The address of `FROM:<address> SIZE=5`; an empty one is a bounce's.
    private static func path(_ text: Substring, after keyword: String) -> String? {
        guard text.prefix(keyword.count).uppercased() == keyword else { return nil }
        let rest = text.dropFirst(keyword.count).drop { $0 == " " }
        guard rest.first == "<", let end = rest.firstIndex(of: ">") else { return nil }
        return String(rest[rest.index(after: rest.startIndex)..<end])
    }
}
