/// Reads the members of one object into a typed value and gathers every problem on the way, so that a user
/// mends a document once and not once a mistake.
///
/// A reader answers with a harmless stand-in where a member is wrong; ``finish(_:)`` then throws the problems.
package struct ObjectReader {
    package let object: JSONObject
    package let path: String
    package private(set) var problems: [Problem] = []
    private var known: Set<String> = []

    package init(_ object: JSONObject, path: String = "") {
        self.object = object
        self.path = path
    }

    /// For a value that must be an object; anything else is a problem and read as an empty one.
    package init(_ value: JSONValue, path: String = "") {
        self.init(value.objectValue ?? JSONObject(), path: path)
        if value.objectValue == nil {
            problems.append(Problem(path: path, message: "expected an object, found \(value.typeName)"))
        }
    }

    package mutating func report(_ key: String, _ message: String) {
        problems.append(Problem(path: pointer(key), message: message))
    }

    package mutating func report(_ problems: [Problem]) { self.problems += problems }

    /// The JSON pointer of a member.
    package func pointer(_ key: String) -> String {
        path + "/" + key.replacing("~", with: "~0").replacing("/", with: "~1")
    }

    /// The member as it is; null counts as absent.
    package mutating func value(_ key: String) -> JSONValue? {
        known.insert(key)
        guard let value = object[key], !value.isNull else { return nil }
        return value
    }

    package mutating func string(_ key: String, lengthMax: Int = 1_024) -> String? {
        guard let value = value(key) else { return nil }
        guard let text = value.stringValue else { return mistyped(key, value, "a string") }
        if text.utf8.count > lengthMax {
            report(key, "is longer than \(lengthMax) bytes")
            return nil
        }
        return text
    }

    package mutating func requiredString(_ key: String, lengthMax: Int = 1_024) -> String {
        required(key) { reader in reader.string(key, lengthMax: lengthMax) } ?? ""
    }

    /// A required name: a letter or `_`, then letters, digits, `_` and `-`.
    package mutating func name(_ key: String = "name", lengthMax: Int = 64) -> String {
        let name = requiredString(key)
        if !name.isEmpty, !Self.isName(name, lengthMax: lengthMax) {
            report(key, "must be 1 to \(lengthMax) letters, digits, _ or -, beginning with a letter or _")
        }
        return name
    }

    package static func isName(_ text: String, lengthMax: Int = 64) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= lengthMax else { return false }
        func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A || byte == 0x5F }
        return isLetter(first)
            && text.utf8.allSatisfy { isLetter($0) || ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x2D }
    }

    package mutating func bool(_ key: String) -> Bool? {
        guard let value = value(key) else { return nil }
        return value.boolValue ?? mistyped(key, value, "true or false")
    }

    package mutating func integer(_ key: String, in range: ClosedRange<Int64>) -> Int64? {
        guard let value = value(key) else { return nil }
        guard let number = value.integerValue else { return mistyped(key, value, "an integer") }
        guard range.contains(number) else {
            report(key, "must be from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }

    package mutating func number(_ key: String, in range: ClosedRange<Double>) -> Double? {
        guard let value = value(key) else { return nil }
        guard let number = value.decimalValue else { return mistyped(key, value, "a number") }
        guard range.contains(number) else {
            report(key, "must be from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }

    package mutating func object(_ key: String) -> JSONObject? {
        guard let value = value(key) else { return nil }
        return value.objectValue ?? mistyped(key, value, "an object")
    }

    package mutating func array(_ key: String, countMax: Int = 10_000) -> [JSONValue]? {
        guard let value = value(key) else { return nil }
        guard let items = value.arrayValue else { return mistyped(key, value, "an array") }
        if items.count > countMax {
            report(key, "has more than \(countMax) items")
            return nil
        }
        return items
    }

    package mutating func strings(_ key: String, countMax: Int = 10_000) -> [String]? {
        guard let items = array(key, countMax: countMax) else { return nil }
        var strings: [String] = []
        for (place, item) in items.enumerated() {
            if let text = item.stringValue {
                strings.append(text)
            } else {
                report("\(key)/\(place)", "expected a string, found \(item.typeName)")
            }
        }
        return strings
    }

    /// An object whose members are all strings, such as headers.
    package mutating func stringMap(_ key: String, countMax: Int = 100) -> [(name: String, value: String)] {
        guard let object = object(key) else { return [] }
        if object.count > countMax { report(key, "has more than \(countMax) members") }
        var pairs: [(name: String, value: String)] = []
        for (name, value) in object {
            if let text = value.stringValue {
                pairs.append((name, text))
            } else {
                report(key, "the member \(name) must be a string, found \(value.typeName)")
            }
        }
        return pairs
    }

    /// One of the words of a choice; nil where absent or wrong.
    package mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ key: String, _ type: Choice.Type
    ) -> Choice? where Choice.RawValue == String {
        guard let text = string(key) else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        report(key, "must be one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        return nil
    }

    /// An ISO 8601 duration of weeks, days, hours, minutes and seconds, in milliseconds.
    package mutating func duration(_ key: String, in range: ClosedRange<Int64>) -> Int64? {
        guard let text = string(key) else { return nil }
        guard let milliseconds = ISODuration.milliseconds(text) else {
            report(key, "must be an ISO 8601 duration such as PT5S or P1DT2H")
            return nil
        }
        guard range.contains(milliseconds) else {
            let low = ISODuration.text(range.lowerBound), high = ISODuration.text(range.upperBound)
            report(key, "must be from \(low) to \(high)")
            return nil
        }
        return milliseconds
    }

    /// Reads with another reader and takes over its problems.
    package mutating func required<Value>(
        _ key: String, _ read: (inout ObjectReader) -> Value?
    ) -> Value? {
        let before = problems.count
        if let value = read(&self) { return value }
        if problems.count == before { report(key, "is required") }
        return nil
    }

    /// Makes every member that nobody asked for a problem: a misspelt name is said and not ignored.
    package mutating func refuseUnknown(except allowed: Set<String> = ["revision"]) {
        for key in object.keys where !known.contains(key) && !allowed.contains(key) {
            report(key, "is not known here; known are \(known.sorted().joined(separator: ", "))")
        }
    }

    /// The value, or all problems.
    package func finish<Value>(_ value: Value) throws(InvalidDocument) -> Value {
        if !problems.isEmpty { throw InvalidDocument(problems) }
        return value
    }

    private mutating func mistyped<Value>(_ key: String, _ value: JSONValue, _ expected: String) -> Value? {
        report(key, "expected \(expected), found \(value.typeName)")
        return nil
    }
}
