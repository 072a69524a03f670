import Models
import Testing

@testable import DemoPartners

@Suite("What is shown of a mail")
struct MailFieldsTests {
    @Test("Subject, texts and headers of a mail with two versions are found and decoded")
    func alternative() {
        let mail = """
            From: =?utf-8?B?w4lsb8Ovc2U=?= <e@x.org>\r
            Subject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?= =?utf-8?q?_aus?= Paris\r
            Content-Type: multipart/alternative; charset=x;\r
             boundary="b 1"\r
            \r
            preamble\r
            --b 1\r
            Content-Type: text/plain; charset=utf-8\r
            Content-Transfer-Encoding: quoted-printable\r
            \r
            Caf=C3=A9 =\r
            today\r
            --b 1\r
            Content-Type: text/html; charset=utf-8\r
            Content-Transfer-Encoding: base64\r
            \r
            PGI+Q2Fm\r
            w6k8L2I+\r
            --b 1--\r

            """
        let fields = MailFields.read(Mail(sender: "e@x.org", recipients: ["a@y.org"], bytes: Array(mail.utf8)))
        #expect(fields["subject"] == "Grüße aus Paris")
        #expect(fields["text"] == "Café today\r\n")
        #expect(fields["html"] == "<b>Café</b>")
        #expect(fields["to"] == ["a@y.org"])
        #expect(fields["headers"]?["From"] == "=?utf-8?B?w4lsb8Ovc2U=?= <e@x.org>")
    }

    @Test(
        "What is no proper mail is shown as far as it goes",
        arguments: [
            "", "\r\n", "no header", "Subject", ":\r\n\r\n", " folded first\r\n\r\nx",
            "Content-Type: multipart/mixed\r\n\r\nx", "Content-Type: multipart/mixed; boundary=\"\r\n\r\n--\r\nx",
            "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n--a\r\n--a--",
            "Content-Transfer-Encoding: base64\r\n\r\n====",
            "Content-Transfer-Encoding: quoted-printable\r\n\r\n=\r\n=4",
        ])
    func strange(_ text: String) {
        let fields = MailFields.read(Mail(sender: "a", recipients: ["b"], bytes: Array(text.utf8)))
        #expect(fields["bytes"] == .integer(Int64(text.utf8.count)))
    }

    @Test("Entities within entities are looked into only so deep")
    func nested() {
        var text = ""
        for _ in 0..<10_000 { text += "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n" }
        let fields = MailFields.read(Mail(sender: "a", recipients: ["b"], bytes: Array(text.utf8)))
        #expect(fields["text"] == "")
    }
}
