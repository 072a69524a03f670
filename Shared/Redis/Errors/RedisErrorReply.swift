/// An error as Redis words it: a code in capitals, then text.
package struct RedisErrorReply: Sendable, Hashable {
    /// `WRONGTYPE`, `ERR`; empty when the line does not begin with one.
    package let code: String
    /// What follows the code, without the arguments of the command that some messages repeat.
    package let message: String

    /// The parts as they are, unlike what is read from a line.
    package init(code: String, message: String) {
        self.code = code
        self.message = message
    }

    /// From the line that came, without the minus sign.
    init(line: String) {
        let word = line.prefix { $0.isASCII && ($0.isUppercase || $0.isNumber || $0 == "_") }
        let rest = line.dropFirst(word.count)
        if word.isEmpty || !(rest.isEmpty || rest.first == " ") {
            self.init(code: "", message: Self.withoutArguments(line[...]))
        } else {
            self.init(code: String(word), message: Self.withoutArguments(rest.drop { $0 == " " }))
        }
    }

    /// As an error to throw, classed by its code.
    package var error: RedisError {
        let (code, retry) = classified
        let text = self.code.isEmpty ? message : "\(self.code) \(message)"
        return RedisError(code, "Redis answered: \(text)", retry: retry, reply: self)
    }

    /// `ERR unknown command 'X', with args beginning with: …` would bring payload into logs.
    private static func withoutArguments(_ text: Substring) -> String {
        for marker in [", with args", " with args beginning"] {
            if let found = text.firstRange(of: marker) { return String(text[..<found.lowerBound]) }
        }
        return String(text)
    }
}
