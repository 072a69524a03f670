/// A queue element that is not what its kind asks for. It is parked with this reason; a retry does not help.
package struct MalformedElement: Error, Sendable, Hashable, CustomStringConvertible {
    package let reason: String

    package init(_ reason: String) {
        self.reason = reason
    }

    package var description: String { reason }
}

/// Reads the members of a queue element: the first that is missing or of another type is the error.
///
/// Elements are written by Sojourn itself, many thousand a second, so this is a thin layer over the object, where
/// `ObjectReader` gathers everything that a user did wrong.
struct ElementReader {
    let object: JSONObject

    init(_ value: JSONValue) throws(MalformedElement) {
        guard case .object(let object) = value else { throw MalformedElement("the element is not a JSON object") }
        self.object = object
    }

    init(_ object: JSONObject) { self.object = object }

    private func missing(_ key: String, _ type: String) -> MalformedElement {
        MalformedElement("the member \(key) is missing or not \(type)")
    }

    func string(_ key: String) throws(MalformedElement) -> String {
        guard case .string(let value)? = object[key] else { throw missing(key, "a string") }
        return value
    }

    /// Nil where the member is absent or null.
    func optionalString(_ key: String) throws(MalformedElement) -> String? {
        switch object[key] {
        case nil, .null?: return nil
        case .string(let value)?: return value
        default: throw missing(key, "a string")
        }
    }

    func integer(_ key: String) throws(MalformedElement) -> Int64 {
        guard case .integer(let value)? = object[key] else { throw missing(key, "an integer") }
        return value
    }

    func integer(_ key: String, default absent: Int64) throws(MalformedElement) -> Int64 {
        object[key] == nil ? absent : try integer(key)
    }

    func bool(_ key: String) throws(MalformedElement) -> Bool {
        guard case .bool(let value)? = object[key] else { throw missing(key, "true or false") }
        return value
    }

    func object(_ key: String) throws(MalformedElement) -> JSONObject {
        guard case .object(let value)? = object[key] else { throw missing(key, "an object") }
        return value
    }

    func array(_ key: String) throws(MalformedElement) -> [JSONValue] {
        guard case .array(let value)? = object[key] else { throw missing(key, "an array") }
        return value
    }

    func strings(_ key: String) throws(MalformedElement) -> [String] {
        var strings: [String] = []
        for item in try array(key) {
            guard case .string(let text) = item else { throw missing(key, "an array of strings") }
            strings.append(text)
        }
        return strings
    }

    func person() throws(MalformedElement) -> Person {
        Person(namespace: try string("namespace"), id: try string("person"))
    }
}

/// Writes an object member by member, straight to bytes.
package struct ElementWriter: ~Copyable {
    package private(set) var bytes: [UInt8]
    private var needsComma = false

    package init(capacity: Int = 512) {
        bytes = []
        bytes.reserveCapacity(capacity)
        bytes.append(UInt8(ascii: "{"))
    }

    /// For an object inside a larger text, which ``finish()`` gives back with the object at its end. Until then the
    /// text is taken from where it lay: held in two places, it would be copied at the first byte.
    package init(taking text: inout [UInt8]) {
        bytes = []
        swap(&bytes, &text)
        bytes.append(UInt8(ascii: "{"))
    }

    private mutating func key(_ key: StaticString) {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount))
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
    }

    package mutating func add(_ name: StaticString, _ value: String) {
        key(name)
        JSONWriter.write(value, to: &bytes)
    }

    package mutating func add(_ name: StaticString, _ value: Int64) {
        key(name)
        JSONWriter.write(value, to: &bytes)
    }

    package mutating func add(_ name: StaticString, _ value: Bool) {
        key(name)
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    package mutating func add(_ name: StaticString, _ value: JSONValue) {
        key(name)
        value.write(to: &bytes)
    }

    package mutating func add(_ name: StaticString, _ value: JSONObject) {
        key(name)
        value.write(to: &bytes)
    }

    package mutating func add(_ name: StaticString, _ values: [String]) {
        key(name)
        bytes.append(UInt8(ascii: "["))
        for (place, value) in values.enumerated() {
            if place > 0 { bytes.append(UInt8(ascii: ",")) }
            JSONWriter.write(value, to: &bytes)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    /// A member whose value is JSON text already.
    package mutating func add(_ name: StaticString, json: some Sequence<UInt8>) {
        key(name)
        bytes.append(contentsOf: json)
    }

    /// A member whose value the closure writes as JSON text.
    package mutating func add(_ name: StaticString, _ write: (inout [UInt8]) -> Void) {
        key(name)
        write(&bytes)
    }

    /// A member whose value is an array, each item of which is written by the closure.
    package mutating func add<Item>(_ name: StaticString, _ items: [Item], _ write: (Item, inout [UInt8]) -> Void) {
        key(name)
        bytes.append(UInt8(ascii: "["))
        for (place, item) in items.enumerated() {
            if place > 0 { bytes.append(UInt8(ascii: ",")) }
            write(item, &bytes)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    package mutating func add(_ person: Person) {
        add("namespace", person.namespace)
        add("person", person.id)
    }

    package consuming func finish() -> [UInt8] {
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }
}
