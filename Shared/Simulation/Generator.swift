import Models

/// Makes values: JSON in which an object with one `$` member stands for a value that is drawn.
///
/// - `{"$choice": [a, b], "weights": [3, 1]}` one of these (which may be generators too).
/// - `{"$integer": [from, to]}`, `{"$decimal": [from, to]}` a number, both ends included.
/// - `{"$boolean": 30}` true 30 times in a hundred.
/// - `{"$text": "order-{person}-{number}"}` text with placeholders: `{person}` the person's id, `{number}` the
///   occurrence's number from 1, `{profile.path}` and `{parameter.name}` values, `{time}` the moment.
/// - `{"$profile": "path"}`, `{"$parameter": "name"}` the value itself.
/// - `{"$time": "-P1D"}` the moment, moved by a duration, as ISO 8601 text.
/// - `{"$optional": value, "percent": 80}` the value, or nothing (its member is left out).
///
/// Every other value stands for itself.
package indirect enum Generator: Sendable, Hashable {
    case constant(JSONValue)
    case object([Member])
    case array([Generator])
    case choice([Generator], weights: [Double])
    case integer(ClosedRange<Int64>)
    case decimal(ClosedRange<Double>)
    case boolean(percent: Double)
    case text([TextPart])
    case profile([String])
    case parameter(String)
    case time(shift: Int64)
    case optional(Generator, percent: Double)

    package struct Member: Sendable, Hashable {
        let key: String
        let value: Generator
    }

    package enum TextPart: Sendable, Hashable {
        case constant(String)
        case person, number, time
        case profile([String])
        case parameter(String)
    }

    /// What a value may be made from.
    struct Subject {
        var person: String
        /// The occurrence's number, from 1.
        var number = 1
        /// Milliseconds since 1970.
        var time: Int64
        var profile = JSONObject()
        var parameters = JSONObject()
    }

    /// The value; nil where an optional one is left out.
    func value(for subject: Subject, _ random: inout SeededRandom) -> JSONValue? {
        switch self {
        case .constant(let value): return value
        case .object(let members):
            var object = JSONObject(minimumCapacity: members.count)
            for member in members { object[member.key] = member.value.value(for: subject, &random) }
            return .object(object)
        case .array(let items): return .array(items.compactMap { $0.value(for: subject, &random) })
        case .choice(let options, let weights):
            var place = Double.random(in: 0..<weights.reduce(0, +), using: &random)
            for (option, weight) in zip(options, weights) {
                if place < weight { return option.value(for: subject, &random) }
                place -= weight
            }
            return options.last?.value(for: subject, &random)
        case .integer(let range): return .integer(.random(in: range, using: &random))
        case .decimal(let range): return .decimal(.random(in: range, using: &random))
        case .boolean(let percent): return .bool(random.happens(percent: percent))
        case .text(let parts): return .string(parts.map { $0.text(for: subject) }.joined())
        case .profile(let path): return JSONValue.object(subject.profile).value(at: path) ?? .null
        case .parameter(let name): return subject.parameters[name] ?? .null
        case .time(let shift): return .string(Timestamp.text(subject.time &+ shift))
        case .optional(let value, let percent):
            return random.happens(percent: percent) ? value.value(for: subject, &random) : nil
        }
    }
}

extension Generator.TextPart {
    func text(for subject: Generator.Subject) -> String {
        switch self {
        case .constant(let text): return text
        case .person: return subject.person
        case .number: return "\(subject.number)"
        case .time: return Timestamp.text(subject.time)
        case .profile(let path): return Self.text(JSONValue.object(subject.profile).value(at: path))
        case .parameter(let name): return Self.text(subject.parameters[name])
        }
    }

    private static func text(_ value: JSONValue?) -> String { value.map { $0.stringValue ?? $0.text } ?? "" }
}
