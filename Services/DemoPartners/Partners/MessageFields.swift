import Models

/// Finds in a message's JSON what a reader looks for first: to whom, and what.
enum MessageFields {
    /// `to`, `title` and `text`, as far as they are there under one of the usual names.
    static func read(_ bytes: [UInt8]) -> JSONObject {
        var fields = JSONObject()
        guard let body = try? JSONValue.parse(bytes) else { return fields }
        let paths: [(String, [[String]])] = [
            ("to", [["to"], ["recipient"], ["customer"], ["phone"], ["device"]]),
            ("title", [["title"], ["notification", "title"], ["message", "title"]]),
            ("text", [["text"], ["message", "body"], ["notification", "body"], ["message"], ["body"]]),
        ]
        for (name, candidates) in paths {
            let found = candidates.lazy.compactMap { text(body, $0) }.first
            if let found { fields[name] = .string(Shortened.text(found)) }
        }
        return fields
    }

    private static func text(_ body: JSONValue, _ path: [String]) -> String? {
        var value: JSONValue? = body
        for part in path { value = value?[part] }
        return value?.stringValue
    }
}
