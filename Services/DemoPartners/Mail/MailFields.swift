import Models

/// What a reader wants to see of a mail.
enum MailFields {
    static func read(_ mail: Mail) -> JSONObject {
        let message = MIMEPart(mail.bytes[...])
        var fields = JSONObject()
        fields["from"] = .string(mail.sender)
        fields["to"] = .array(mail.recipients.map { .string($0) })
        fields["subject"] = .string(Shortened.text(EncodedWords.decode(message["subject"] ?? "")))
        fields["text"] = .string(Shortened.text(message.text("text/plain") ?? ""))
        fields["html"] = .string(Shortened.text(message.text("text/html") ?? ""))
        var headers = JSONObject()
        for field in message.headers.prefix(100) { headers[field.name] = .string(Shortened.text(field.value)) }
        fields["headers"] = .object(headers)
        fields["bytes"] = .integer(Int64(mail.bytes.count))
        return fields
    }
}
