/// A value that a decision read: `order.total` was 42.
package struct StepReading: Sendable, Hashable {
    /// Readings of one step event.
    package static let countMax = 16
    /// Bytes of JSON of one value; a longer one is a text that ends with `…`.
    package static let valueBytesMax = 256

    /// As in expressions: `@event{orderPlaced.order.total}`, `#{profile.tier}`.
    package let path: String
    package let value: JSONValue

    package init(path: String, value: JSONValue) {
        self.path = path
        self.value = Self.bounded(value)
    }

    /// The value, or the beginning of its text.
    static func bounded(_ value: JSONValue) -> JSONValue {
        switch value {
        case .string(let text):
            return text.utf8.count <= valueBytesMax ? value : .string(Self.cut(text, valueBytesMax))
        case .array, .object:
            // What is large is not written out in full only to be cut.
            let text = value.text(upTo: 2 * valueBytesMax)
            return text.utf8.count <= valueBytesMax ? value : .string(Self.cut(text, valueBytesMax))
        default: return value
        }
    }

    /// The text, at most so many bytes of it with the sign that something is left out.
    package static func cut(_ text: String, _ bytesMax: Int) -> String {
        guard text.utf8.count > bytesMax else { return text }
        let room = bytesMax - "…".utf8.count
        var kept = String.UnicodeScalarView()
        var bytes = 0
        for scalar in text.unicodeScalars {
            bytes += scalar.utf8.count
            if bytes > room { break }
            kept.append(scalar)
        }
        return String(kept) + "…"
    }

    /// Read from `[path, value]` as steps hold it, or from the object that answers show.
    init?(_ json: JSONValue) {
        guard let path = (json[0] ?? json["path"])?.stringValue, let value = json[1] ?? json["value"] else {
            return nil
        }
        self.path = path
        self.value = value
    }

    func write(to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "["))
        JSONWriter.write(path, to: &bytes)
        bytes.append(UInt8(ascii: ","))
        value.write(to: &bytes)
        bytes.append(UInt8(ascii: "]"))
    }

    var view: JSONValue { ["path": .string(path), "value": value] }
}

extension JSONValue {
    /// The JSON text of lists and objects, written until so many bytes are there: it may end anywhere.
    fileprivate func text(upTo bytesMax: Int) -> String {
        var bytes: [UInt8] = []
        write(to: &bytes, upTo: bytesMax)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func write(to bytes: inout [UInt8], upTo bytesMax: Int) {
        switch self {
        case .array(let items):
            bytes.append(UInt8(ascii: "["))
            for (place, item) in items.enumerated() where bytes.count < bytesMax {
                if place > 0 { bytes.append(UInt8(ascii: ",")) }
                item.write(to: &bytes, upTo: bytesMax)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let object):
            bytes.append(UInt8(ascii: "{"))
            var place = 0
            for (key, value) in object where bytes.count < bytesMax {
                if place > 0 { bytes.append(UInt8(ascii: ",")) }
                place += 1
                JSONWriter.write(key, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                value.write(to: &bytes, upTo: bytesMax)
            }
            bytes.append(UInt8(ascii: "}"))
        default: write(to: &bytes)
        }
    }
}

/// What a third party answered to a call that failed.
package struct CallAnswer: Sendable, Hashable {
    /// Bytes of the body that are kept.
    package static let bodyBytesMax = 1_024

    /// Of HTTP.
    package let status: Int64
    /// Its beginning as text; bytes that are no UTF-8 are replaced.
    package let body: String

    package init(status: Int64, body: String) {
        self.status = status
        self.body = StepReading.cut(body, Self.bodyBytesMax)
    }

    package init?(_ json: JSONValue?) {
        guard let status = json?["status"]?.integerValue, let body = json?["body"]?.stringValue else { return nil }
        self.status = status
        self.body = body
    }

    /// As elements and answers hold it.
    package var json: JSONValue { ["status": .integer(status), "body": .string(body)] }
}
